// The life of a process, in order. Every step is one call; what it may not do yet is in its own
// file.
#include "arch/native.h"
#include "ldso/base/trace.h"
#include "ldso/dl/constructors.h"
#include "ldso/mem/arenas.h"
#include "ldso/start/listing.h"
#include "ldso/start/options.h"
#include "ldso/start/program.h"
#include "ldso/start/sealing.h"
#include "ldso/start/self_relocate.h"
#include "ldso/start/steps.h"
#include "ldso/sys/secure_execution.h"
#include "ldso/threads/stack_guards.h"
#include "ldso/words/report.h"
#include "ldso/words/trace_text.h"

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

[[noreturn]] void enter(Sealed&& sealed, uintptr_t fini) {
  const Process& p = sealed.process();
  enter_program(p.stack.start, p.graph.program->entry.value, fini);
}

[[noreturn]] void start_static_program(void* mapped) {
  Mapped& before = *static_cast<Mapped*>(mapped);
  enter(must(seal_around_static_program(std::move(before))), 0);
}

// What the second half has of the first.
struct FirstHalf {
  Linked linked;
  Stopwatch watch;
  LinkStatistics statistics;
};

// On the process's own stack: the loader's is left for good, and constructors find the stack they know.
[[noreturn]] void seal_and_run(void* first_half) {
  FirstHalf before = std::move(*static_cast<FirstHalf*>(first_half));

  // Publish and protect: debuggers see the objects (DT_DEBUG is in RELRO), what relocation wrote
  // becomes read-only.
  publish(before.linked);
  must(check_constructors(before.linked.process()));
  must(protect_relro(before.linked));

  // Seal: a plan, then its execution. The loader's own text and records, too.
  Sealed sealed = must(seal_everything(std::move(before.linked)));
  before.watch.lap(Lap::kSeal);
  tell_statistics(before.watch, before.statistics);
  release_scratch_arena();

  // Run: from here on foreign code.
  run_constructors(sealed);
  uintptr_t fini = fini_for_program(sealed);
  enter(std::move(sealed), fini);
}

}  // namespace

// Called by arch/<m>/entry.S on the loader's own stack; `stack_pointer` is the process's.
void start_loader(uintptr_t* stack_pointer) {
  self_relocate();
  Process& p = process;
  p.stack = read_process_stack(stack_pointer);
  p.page = PageSize{p.stack.value(AT_PAGESZ)};
  set_up_arenas(p.page);
  if (p.stack.is_secure()) must(open_standard_descriptors());
  Options options = read_options(p.stack);
  Stopwatch watch;
  ask_supervisor(p, options);

  // Load: map only. No relocation, no foreign code.
  must(describe_ourselves(p));
  Mapped mapped = must_load(p, options);
  must(decide_policy(mapped, options));
  must(choose_stack_guards(options.guards));
  if (is_static(*p.graph.program)) leave_loader_stack(p.stack.start, start_static_program, &mapped);
  must(check_stack_guards(p.page));
  TlsLayout tls = must(lay_out_thread_storage(mapped));
  watch.lap(Lap::kLoad);

  // Runtime: libc's own rtld brings libc up. Its code runs, nothing of the program's.
  LibcAlive alive = must(bring_libc_up(std::move(mapped), tls));
  watch.lap(Lap::kRuntime);

  // Link: relocations, those that depend on IFUNC resolvers last; then the initial images of
  // thread-local storage.
  must(check_all_versions(alive));
  must(make_relro_anonymous(alive));
  LinkStatistics statistics;
  Linked linked = link(std::move(alive), tls, statistics);
  watch.lap(Lap::kLink);

  FirstHalf done{std::move(linked), watch, statistics};
  leave_loader_stack(p.stack.start, seal_and_run, &done);
}
