// See give_way.h.
#include "ldso/start/give_way.h"

#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/mem/arenas.h"
#include "ldso/mem/mapping.h"
#include "ldso/start/libc_rtld.h"
#include "ldso/start/sealing.h"
#include "ldso/words/held_output.h"
#include "ldso/words/report.h"

extern "C" [[noreturn]] void enter_program(uintptr_t* stack, uintptr_t entry, uintptr_t fini);

namespace ldseal {
namespace {

// Unmaps what ld-seal has mapped for the program. glibc's libc is not mapped yet.
void unmap_libraries(Process& p) {
  for (const Module* m : p.graph.modules) {
    if (m != p.graph.program) Mapping::owning(m->span);
  }
  p.graph.libc_file.reset();
}

void unmap_program(const Module& program) {
  if (!program.is_running_executable) Mapping::owning(program.span);
}

// libc's loader does not know every spelling of our options, and musl's not every option: each that
// is set is written anew. A null is left out.
class CommandLine {
 public:
  void add(const char* word) { words_.add(scratch_arena, word); }
  void add(const char* option, const char* value) {
    if (value == nullptr) return;
    add(option);
    add(value);
  }
  std::span<const char* const> words() const { return {words_.begin(), words_.size()}; }

 private:
  List<const char*> words_;
};

void restore_command_line(Process& p, const Options& options) {
  CommandLine line;
  line.add(options.command_name);
  line.add("--library-path", options.library_path);
  line.add("--preload", options.preload_option);
  line.add("--argv0", options.argument_zero);
  if (p.search->rules == LibcRules::kGlibc) {
    line.add("--audit", options.audit_option);
    line.add("--inhibit-rpath", options.inhibit_rpath);
    if (options.inhibit_cache) line.add("--inhibit-cache");
  }
  line.add(options.program);
  p.stack.restore_arguments(line.words(), options.dropped_arguments);
  p.stack.set(AT_EXECFN, reinterpret_cast<uintptr_t>(options.executable_name));
}

// glibc's rtld decides by itself which preloads of a privileged program it trusts, and removes the
// variable. musl's trusts none.
void put_back_preloads(Process& p, const Options& options) {
  constexpr size_t kName = sizeof "LD_PRELOAD=" - 1;
  bool has_any = options.secure && options.preload_variable != nullptr;
  if (!has_any || p.search->rules != LibcRules::kGlibc) return;
  p.stack.put_back_variable(const_cast<char*>(options.preload_variable) - kName);
}

void tell(const Error& reason, const Module& rtld) {
  Topic topic = trace::on(Topic::kSeal) ? Topic::kSeal : Topic::kStatistics;
  if (!trace::on(topic)) topic = Topic::kFiles;
  if (!trace::on(topic)) return;
  TextBuffer<1024> why;
  write_error(why, reason);
  trace::log(topic, {Event::kGivesWay, {rtld.path, why.c_str()}});
}

}  // namespace

bool may_be_left_to_libc_rtld(const Options& options) {
  return options.action == Action::kRun || options.action == Action::kAskLibcRtld;
}

bool is_left_to_libc_rtld(const Error& reason, const Options& options) {
  if (options.action != Action::kRun) return false;
  switch (reason.fault) {
    case Fault::kExecutableStack:
    case Fault::kHasTextRelocations:
    case Fault::kIsAudited:
    case Fault::kIsProfiled:
    case Fault::kTlsTooLarge:  // a limit of ours
      return true;
    default:
      return false;
  }
}

void give_way(Process& p, const Options& options, const Error& reason) {
  must(decide_policy(p, options));
  if (p.policy.is_required || p.policy.is_final) fail(reason);
  unmap_libraries(p);
  Result<Module*> loaded = load_libc_rtld(p);
  if (!loaded) fail(reason);
  const Module& rtld = **loaded;
  unmap_program(*p.graph.program);
  p.search->rules == LibcRules::kGlibc ? forget_output() : release_output();
  must(seal_system_mappings(p));
  tell(reason, rtld);
  put_back_preloads(p, options);
  if (options.is_command) {
    restore_command_line(p, options);
    describe_as_command(p.stack, rtld);
  } else {
    p.stack.set(AT_BASE, rtld.bias.value);
  }
  uintptr_t entry = rtld.entry.value;
  release_scratch_arena();
  enter_program(p.stack.start, entry, 0);
}

}  // namespace ldseal
