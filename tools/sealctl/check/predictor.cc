// See predictor.h.
#include "tools/sealctl/check/predictor.h"

#include <cstring>
#include <fmt/format.h>
#include <unistd.h>

#include "ldso/base/text.h"
#include "ldso/start/program.h"
#include "tools/sealctl/check/kernel_in_root.h"
#include "tools/sealctl/check/reasons.h"
#include "tools/sealctl/check/sealed_parts.h"
#include "tools/sealctl/check/start.h"
#include "tools/sealctl/check/start_object.h"

namespace sealctl::check {
namespace {

using namespace ldseal;

bool has_needs(const Module& m) {
  bool has = false;
  Status walked = for_each_needed(m, [&](std::string_view) -> Status {
    has = true;
    return {};
  });
  (void)walked;  // the visit never fails
  return has;
}

// libc.so.6 is a library although it has a PT_INTERP.
FileKind kind_of(const Module& m, uint16_t type) {
  const bool is_program = type == ET_EXEC || (m.dynamic.flags_1 & DF_1_PIE) != 0;
  if (m.soname != nullptr && !is_program) return FileKind::kLibrary;
  if (m.segments.interpreter != nullptr) return FileKind::kProgram;
  if (!is_program) return FileKind::kLibrary;
  return has_needs(m) ? FileKind::kProgram : FileKind::kStatic;
}

bool has_magic(const Descriptor& file) {
  char start[SELFMAG];
  return pread(file.number(), start, sizeof start, 0) == sizeof start &&
         std::memcmp(start, ELFMAG, SELFMAG) == 0;
}

void fail(const Error& error, Prediction& to) {
  to.reasons.push_back(reason_for(error, to.path));
  if (error.fault == Fault::kBadMagic) to.reasons.back().text = "it is not an ELF file";
  to.outcome = outcome_of(to.reasons.back().rule);
}

// The outcome of what starts: by what of it stays unsealed, and by its note.
void settle(const Policy& policy, Prediction& to) {
  const uint32_t missing = Policy::kDefault & ~policy.wanted;
  std::string names;
  for (const SealClass c : {SealClass::kText, SealClass::kRelro, SealClass::kSystem,
                            SealClass::kLoader, SealClass::kPlt}) {
    if ((missing & bit(c)) == 0) continue;
    names += names.empty() ? "" : ", ";
    names += name_of(c);
  }
  if (missing != 0) {
    to.reasons.push_back({Rule::kPolicy, to.path, ".note.ldseal",
                          fmt::format("its note \"{}\" leaves unsealed: {}", to.policy, names)});
  }
  to.outcome = policy.wanted == 0   ? Outcome::kUnsealed
               : to.reasons.empty() ? Outcome::kSealed
                                    : Outcome::kPartly;
}

}  // namespace

Predictor::Predictor(const doctor::Root& root)
    : root_(root), page_{static_cast<uint64_t>(sysconf(_SC_PAGESIZE))} {
  let_loader_see(&root_);
}

Predictor::~Predictor() { let_loader_see(nullptr); }

void Predictor::add_parts(const Module& object, const Policy& policy,
                          std::vector<Reason>& reasons) {
  const Key key{object.identity.device, object.identity.inode, policy.wanted};
  auto known = parts_.find(key);
  if (known == parts_.end()) {
    known = parts_.emplace(key, std::vector<Reason>()).first;
    HeapArena scratch;
    add_unsealed_parts(object, policy, page_, scratch, known->second);
  }
  for (Reason reason : known->second) {
    reason.object = object.display_name();
    reasons.push_back(std::move(reason));
  }
}

// A static program seals its text and its RELRO by its start object, and leaves its calls alone.
void Predictor::predict_static(const Module& program, uint64_t size, Arena& arena, Prediction& to) {
  if (!has_start_object(root_.open_file(to.path), size)) {
    to.reasons.push_back({Rule::kStatic, to.path, "", "it is static, and does not seal itself"});
    to.outcome = Outcome::kStatic;
    return;
  }
  Policy policy;
  if (Status s = decide_policy(policy, program, arena); !s) return fail(s.error(), to);
  Policy without_calls = policy;
  without_calls.wanted &= ~bit(SealClass::kPlt);
  add_parts(program, without_calls, to.reasons);
  settle(policy, to);
}

void Predictor::predict_start(Module& program, const ElfFile& file, Arena& arena, Prediction& to) {
  const Processor processor = root_.is_running_system() ? Processor::kThis : Processor::kAny;
  Start start(program, privileges_of(file), processor, symbols_, page_, arena);
  if (start.find_reasons(to)) return;
  for (const Module* m : start.objects()) add_parts(*m, start.policy(), to.reasons);
  settle(start.policy(), to);
  start.add_processors(to);
}

Prediction Predictor::predict(const std::string& path) {
  views_.trim();
  HeapArena arena;
  Prediction to;
  to.path = path;
  Result<ElfFile> file = ElfFile::open(path.c_str(), page_, arena);
  if (!file && file.error().fault == Fault::kTooSmall && !has_magic(root_.open_file(path)))
    return fail(fault(Fault::kBadMagic), to), to;
  if (!file) return fail(file.error(), to), to;
  Module program;
  program.kind = ModuleKind::kProgram;
  program.file_path = arena.copy(path);
  program.origin = arena.copy(directory_name(path));
  if (Status s = views_.describe(program, *file, page_); !s) return fail(s.error(), to), to;
  to.kind = kind_of(program, file->header().e_type);
  program.is_running_executable = to.kind == FileKind::kProgram;
  if (const char* interpreter = interpreter_path(program)) to.interpreter = interpreter;
  to.policy = policy_words(program);
  to.objects = 1;
  if (to.kind == FileKind::kStatic) {
    predict_static(program, file->status().size, arena, to);
  } else {
    predict_start(program, *file, arena, to);
  }
  return to;
}

}  // namespace sealctl::check
