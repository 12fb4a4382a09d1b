// The life of a process, in order. Every step is one call; what it may not do yet is in its own
// file.
#include "arch/native.h"
#include "ldso/base/trace.h"
#include "ldso/link/relocate.h"
#include "ldso/mem/arenas.h"
#include "ldso/run/constructors.h"
#include "ldso/run/dynamic_tls.h"
#include "ldso/run/stack_guards.h"
#include "ldso/start/listing.h"
#include "ldso/start/options.h"
#include "ldso/start/program.h"
#include "ldso/start/report.h"
#include "ldso/start/sealing.h"
#include "ldso/start/self_relocate.h"
#include "ldso/start/steps.h"
#include "ldso/start/trace_text.h"

extern "C" [[noreturn]] void enter_program(uintptr_t* stack, uintptr_t entry, uintptr_t fini);
extern "C" [[noreturn]] void leave_loader_stack(uintptr_t* stack, void (*go_on)(void*),
                                                void* argument);
extern "C" [[noreturn]] void start_loader(uintptr_t* stack_pointer);

using namespace ldseal;

namespace {

template <class T>
T must(Result<T> result) {
  if (!result) fail(result.error());
  return std::move(*result);
}

void must(const Status& status) {
  if (!status) fail(status.error());
}

Options read_options(ProcessStack& stack) {
  Options options;
  read_environment(options, stack);
  if (started_as_command(stack)) must(read_command_line(options, stack));
  if (options.action == Action::kHelp) print_help(), kernel::exit(0);
  if (options.action == Action::kVersion) print_version(), kernel::exit(0);
  for (const char* words : {options.debug, options.own_debug}) {
    if (words != nullptr) add_trace_words(words);
  }
  if (trace::enabled_topics != 0) must(start_tracing(options.debug_output));
  return options;
}

// What the second half tells of the first.
struct FirstHalf {
  Stopwatch watch;
  LinkStatistics statistics;
};

[[noreturn]] void start_static_program(void*) {
  must(seal_around_static_program(process));
  enter_program(process.stack.start, process.graph.program->entry.value, 0);
}

// On the process's own stack: the loader's can be sealed, and constructors find the stack they know.
[[noreturn]] void seal_and_run(void* first_half) {
  Process& p = process;
  FirstHalf before = *static_cast<const FirstHalf*>(first_half);

  // Publish and protect: debuggers see the objects (DT_DEBUG is in RELRO), what relocation wrote
  // becomes read-only.
  publish(p);
  must(check_constructors(p));
  must(protect_relro(p));

  // Seal: a plan, then its execution. The loader's own text and records, too.
  must(seal_everything(p));
  before.watch.lap(Lap::kSeal);
  tell_statistics(before.watch, before.statistics);
  release_scratch_arena();

  // Run: from here on foreign code.
  run_constructors(p);
  enter_program(p.stack.start, p.graph.program->entry.value, fini_for_program(p));
}

}  // namespace

// Called by arch/<m>/entry.S on the loader's own stack; `stack_pointer` is the process's.
void start_loader(uintptr_t* stack_pointer) {
  self_relocate();
  Process& p = process;
  p.stack = read_process_stack(stack_pointer);
  p.page = PageSize{p.stack.value(AT_PAGESZ)};
  set_up_arenas(p.page);
  Options options = read_options(p.stack);
  FirstHalf done;
  ask_supervisor(p, options);

  // Load: map only. No relocation, no foreign code.
  must(describe_ourselves(p));
  Module* program = must_load(p, options);
  must(decide_policy(p, options));
  must(choose_stack_guards(options.guards));
  if (is_static(*program)) leave_loader_stack(p.stack.start, start_static_program, nullptr);
  must(check_stack_guards(p.page));
  TlsLayout tls = must(lay_out_thread_storage(p));
  done.watch.lap(Lap::kLoad);

  // Runtime: libc's own rtld brings libc up. Its code runs, nothing of the program's.
  p.runtime = must(bring_up(p.graph, *p.ourselves, tls, musl_hooks(), p.stack, p.page,
                            permanent_arena, scratch_arena));
  set_up_dynamic_tls(tls, permanent_arena);
  done.watch.lap(Lap::kRuntime);

  // Link: relocations, those that depend on IFUNC resolvers last; then the initial images of
  // thread-local storage.
  must(check_all_versions(p));
  must(own_relro(p));
  Scope scope = build_scope(p, scratch_arena);
  done.statistics = link(p, scope, tls);
  done.watch.lap(Lap::kLink);

  leave_loader_stack(p.stack.start, seal_and_run, &done);
}
