// See start.h. The order is that of the loader's start/load.cc and start/main.cc: the first error
// is the one that the loader would report.
#include "tools/sealctl/check/start.h"

#include <fmt/format.h>
#include <sys/xattr.h>
#include <vector>

#include "arch/native.h"
#include "ldso/image/isa_level.h"
#include "ldso/image/preload_file.h"
#include "ldso/link/tls_layout.h"
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
  return std::string(note_words(object.segments.headers, image_of(object)));
}

Status decide_policy(Policy& policy, const Module& program, Arena& arena) {
  policy.wanted = Policy::kDefault;
  return apply_note(policy, program.segments.headers, image_of(program), program.display_name(),
                    arena);
}

Start::Start(Module& program, Privileges privileges, Processor processor, Symbols& symbols,
             PageSize page, Arena& arena)
    : program_(program), processor_(processor), symbols_(symbols), arena_(arena) {
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

Status Start::check_processor() const {
  if (processor_ == Processor::kAny || settings_.rules == LibcRules::kMusl) return {};
  for (const Module* m : process_.graph.modules) {
    if (Status s = check_isa_level(*m); !s) return s;
  }
  return {};
}

// What is in a folder of glibc-hwcaps is taken by the processors that can run it.
void Start::add_processors(Prediction& to) const {
  if (processor_ == Processor::kThis || settings_.rules == LibcRules::kMusl) return;
  for (const Module* m : process_.graph.modules) {
    const unsigned level = level_needed_by(*m);
    const std::string object = m->display_name();
    if (level <= 1 || object.find("/glibc-hwcaps/") != object.npos) continue;
    to.reasons.push_back(
        {Rule::kProcessor, object, "", fmt::format("needs {}{}", Native::kHwcapsPrefix, level)});
    if (to.outcome == Outcome::kSealed) to.outcome = Outcome::kDepends;
  }
}

Status Start::lay_out_thread_storage() const {
  Result<TlsLayout> layout =
      lay_out_tls(objects(), Native::kTlsVariant, Native::kThreadHeader, TlsRoom::kForOpened);
  return layout ? Status() : layout.error();
}

Status Start::check_all_versions() {
  if (settings_.rules == LibcRules::kMusl) return {};  // musl knows no versions
  for (const Module* m : process_.graph.modules) {
    if (!m->is_linked_by_us()) continue;
    if (Status s = check_versions(*m, find_by_name, &process_.graph); !s) return s;
  }
  return {};
}

bool Start::miss_symbols(Prediction& to) {
  std::vector<Error> missing;
  symbols_.find_missing(process_.graph, settings_.rules, arena_, missing);
  for (const Error& error : missing) fail(error, to);
  return !missing.empty();
}

// A library is looked at without its symbols: many leave some to the program that opens them.
bool Start::find_reasons(Prediction& to) {
  const bool is_program = to.kind == FileKind::kProgram;
  if (load(to)) return true;
  to.objects = process_.graph.modules.size();
  if (Status s = check_needs(process_.graph, settings_.rules); !s) return give_way(s.error(), to);
  if (Status s = check_processor(); !s) return fail(s.error(), to);
  if (Status s = is_program ? check_entry(program_) : Status(); !s) return fail(s.error(), to);
  if (Status s = decide_policy(process_.policy, program_, arena_); !s) return fail(s.error(), to);
  if (Status s = lay_out_thread_storage(); !s) return give_way(s.error(), to);
  if (Status s = check_all_versions(); !s) return fail(s.error(), to);
  return is_program && miss_symbols(to);
}

}  // namespace sealctl::check
