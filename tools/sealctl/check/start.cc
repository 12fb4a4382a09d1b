// See start.h. The order is that of the loader's start/load.cc and start/main.cc: the first error
// is the one that the loader would report.
#include "tools/sealctl/check/start.h"

#include <sys/xattr.h>
#include <vector>

#include "ldso/elf/notes.h"
#include "ldso/image/preload_file.h"
#include "ldso/link/version_check.h"
#include "ldso/start/needs.h"
#include "ldso/start/program.h"
#include "tools/sealctl/check/reasons.h"

namespace sealctl::check {
namespace {

using namespace ldseal;

constexpr uint32_t kSetUserId = 04000, kSetGroupId = 02000;

// The libraries that the graph being built lacks: the loader's interface has no argument for them.
std::vector<Error>* missing_libraries = nullptr;

void note_missing(const Error& error) { missing_libraries->push_back(error); }

// The loader passes over a preload that it cannot load.
void pass_over(const Error&) {}

Module* find_by_name(const char* name, void* graph) {
  return static_cast<Graph*>(graph)->names.find(name);
}

ImageView image_of(const Module& m) { return ImageView::of_memory(m.segments.headers, m.bias); }

}  // namespace

Privileges privileges_of(const ElfFile& file) {
  const bool has_bits = (file.status().mode & (kSetUserId | kSetGroupId)) != 0;
  const bool has_more = has_bits || fgetxattr(file.file(), "security.capability", nullptr, 0) > 0;
  return has_more ? Privileges::kMore : Privileges::kNone;
}

std::string policy_words(const Module& object) {
  constexpr uint32_t kPolicyNote = 1;
  const ByteView note = find_note(object.segments.headers, image_of(object), "ldseal", kPolicyNote);
  if (note.data() == nullptr) return {};
  const std::string_view words(reinterpret_cast<const char*>(note.data()), note.size());
  return std::string(words.substr(0, words.find('\0')));
}

Status decide_policy(Policy& policy, const Module& program, Arena& arena) {
  policy.wanted = Policy::kDefault;
  return apply_note(policy, program.segments.headers, image_of(program), program.display_name(),
                    arena);
}

Start::Start(Module& program, Privileges privileges, PageSize page, Arena& arena)
    : program_(program), arena_(arena) {
  settings_.rules = libc_rules_of(program);
  settings_.secure = privileges == Privileges::kMore;
  settings_.page = page;
  process_.page = page;
  process_.search = &settings_;
  process_.graph.program = &program;
}

bool Start::fail(const Error& error, Prediction& to) {
  to.reasons.push_back(reason_for(error, to.path));
  to.outcome = outcome_of(to.reasons.back().rule);
  if (to.outcome != Outcome::kGivesWay) to.outcome = Outcome::kFails;
  return true;
}

// Under `require` and `final` there is no giving way.
bool Start::give_way(const Error& error, Prediction& to) {
  if (Status s = decide_policy(process_.policy, program_, arena_); !s) return fail(s.error(), to);
  fail(error, to);
  if (process_.policy.is_required || process_.policy.is_final) to.outcome = Outcome::kFails;
  return true;
}

bool Start::load(Prediction& to) {
  LibrarySearch search(settings_, program_, arena_);
  GraphBuilder builder(process_.graph, search, LibcHandling::kMapped, arena_);
  std::vector<Error> missing;
  missing_libraries = &missing;
  builder.report_missing_to(note_missing);
  builder.add_program(program_);
  if (Status s = check_requests(process_, Options()); !s) return give_way(s.error(), to);
  const bool is_glibc = settings_.rules == LibcRules::kGlibc && !is_static(program_);
  if (const char* list = is_glibc ? read_preload_file(arena_) : nullptr)
    builder.add_preloads_of_file(list, pass_over);
  const Status loaded = builder.load_needed();
  search.release_cache();
  for (const Error& error : missing) fail(error, to);
  if (!loaded) fail(loaded.error(), to);
  return !missing.empty() || !loaded;
}

Status Start::check_all_versions() {
  if (settings_.rules == LibcRules::kMusl) return {};  // musl knows no versions
  for (const Module* m : process_.graph.modules) {
    if (!m->is_linked_by_us()) continue;
    if (Status s = check_versions(*m, find_by_name, &process_.graph); !s) return s;
  }
  return {};
}

bool Start::find_reasons(Prediction& to) {
  if (load(to)) return true;
  to.objects = process_.graph.modules.size();
  if (Status s = check_needs(process_.graph, settings_.rules); !s) return give_way(s.error(), to);
  if (to.kind == FileKind::kProgram) {
    if (Status s = check_entry(program_); !s) return fail(s.error(), to);
  }
  if (Status s = decide_policy(process_.policy, program_, arena_); !s) return fail(s.error(), to);
  if (Status s = check_all_versions(); !s) return fail(s.error(), to);
  return false;
}

}  // namespace sealctl::check
