// The life of a process from the kernel's entry to the program's, in the order of time. Every step
// is one call; the comment above a group says what is allowed from there on. A step that is left
// out or misplaced does not compile (phases.h).
#include "arch/native.h"
#include "ldso/base/trace.h"
#include "ldso/image/map_file.h"
#include "ldso/mem/arenas.h"
#include "ldso/start/auxiliary_vector.h"
#include "ldso/start/give_way.h"
#include "ldso/start/help.h"
#include "ldso/start/libc_rtld.h"
#include "ldso/start/listing.h"
#include "ldso/start/load.h"
#include "ldso/start/options.h"
#include "ldso/start/program.h"
#include "ldso/start/sealing.h"
#include "ldso/start/self_relocate.h"
#include "ldso/start/statistics.h"
#include "ldso/start/steps.h"
#include "ldso/sys/secure_execution.h"
#include "ldso/words/held_output.h"
#include "ldso/words/report.h"
#include "ldso/words/trace_text.h"

extern "C" [[noreturn]] void enter_program(uintptr_t* stack, uintptr_t entry, uintptr_t fini);
extern "C" [[noreturn]] void leave_loader_stack(uintptr_t* stack, void (*go_on)(void*),
                                                void* argument);
extern "C" [[noreturn]] void start_loader(uintptr_t* stack_pointer);

using namespace ldseal;

namespace {

// State that is carried over while libc's rtld runs.
struct BeforeLibc {
  TlsLayout tls;
  Stopwatch watch;
};

// State that is carried over when we switch from ld-seal's own stack to the process's.
struct FirstHalf {
  Linked linked;
  Stopwatch watch;
  LinkStatistics statistics;
};

Options read_options(ProcessStack& stack);
[[noreturn]] void ask_glibc_rtld(Process& p);
ProgramFound must_find_program(Process& p, const Options& options);
[[noreturn]] void list_libraries(const Process& p, const Options& options);
[[noreturn]] void start_static_program(void* policy_decided);
[[noreturn]] void start_under_libc_rtld(void* policy_decided);
[[noreturn]] void link_program(Result<LibcAlive> libc, void* before_libc);
[[noreturn]] void seal_and_run(void* first_half);
[[noreturn]] void enter(Constructed&& constructed, uintptr_t fini);

// As long as nothing is sealed and no foreign code has run, libc's own loader can have the process.
template <class T>
T must_or_give_way(Result<T> result, const Options& options) {
  if (!result && is_left_to_libc_rtld(result.error(), options))
    give_way(process, options, result.error());
  return must(std::move(result));
}

}  // namespace

// Called by arch/<machine>/entry.S on ld-seal's own stack; `stack_pointer` is the process's.
void start_loader(uintptr_t* stack_pointer) {
  // Until this is done no address in a variable is right.
  self_relocate();

  // From here on memory can be allocated. Before the descriptors are open nothing else may be
  // opened, and before the supervisor has answered nothing may be mapped or sealed.
  Process& p = process;
  p.stack = read_process_stack(stack_pointer);
  p.page = PageSize{p.stack.value(AT_PAGESZ)};
  p.hwcap = p.stack.value(AT_HWCAP);
  p.hwcap2 = p.stack.value(AT_HWCAP2);
  check_branch_targets(p.hwcap2);
  set_up_arenas(p.page);
  if (p.stack.is_secure()) must(open_standard_descriptors());
  Options options = read_options(p.stack);
  Stopwatch watch;
  query_supervisor(p, options);

  // Load. Files are opened and mapped; what they say is not trusted before it is checked. Nothing
  // is relocated, no foreign code runs, so libc's own loader can still do what ld-seal does not
  // (give_way.h).
  must(describe_self(p));
  if (options.action == Action::kAskLibcRtld) ask_glibc_rtld(p);
  ProgramFound found = must_find_program(p, options);
  LibrariesLoaded loaded = must_or_give_way(load_libraries(std::move(found), options), options);
  if (options.action == Action::kList) list_libraries(p, options);
  Mapped mapped = must(prepare_objects(std::move(loaded)));
  PolicyDecided decided = must(decide_policy(std::move(mapped), options));
  if (is_static(*p.graph.program))
    leave_loader_stack(p.stack.start, start_static_program, &decided);
  if (is_glibc_itself(p.graph)) leave_loader_stack(p.stack.start, start_under_libc_rtld, &decided);
  TlsLayout tls = must_or_give_way(lay_out_thread_storage(decided, options), options);
  watch.lap(Lap::kLoad);

  // Bring libc up. libc's own rtld runs once, on a stand-in for the program. Nothing returns here:
  // it may switch on a shadow stack.
  BeforeLibc before{tls, watch};
  bring_libc_up(std::move(decided), before.tls, link_program, &before);
}

namespace {

// From here on libc's functions can be called.
[[noreturn]] void link_program(Result<LibcAlive> libc, void* before_libc) {
  BeforeLibc& before = *static_cast<BeforeLibc*>(before_libc);
  Process& p = process;
  LibcAlive alive = must(std::move(libc));
  before.watch.lap(Lap::kRuntime);

  // Link. No object is added any more. Relocated data may be read from here on, IFUNC resolvers run
  // at the end.
  VersionsFound checked = must(check_all_versions(std::move(alive)));
  RelroAnonymous ready = must(make_relro_anonymous(std::move(checked)));
  LinkStatistics statistics;
  Linked linked = link(std::move(ready), before.tls, statistics);
  before.watch.lap(Lap::kLink);

  // ld-seal's own stack ends here, and constructors expect the kernel's.
  FirstHalf done{std::move(linked), before.watch, statistics};
  leave_loader_stack(p.stack.start, seal_and_run, &done);
}

[[noreturn]] void seal_and_run(void* first_half) {
  FirstHalf before = std::move(*static_cast<FirstHalf*>(first_half));

  // Publish and protect. After this what relocation wrote is read-only.
  Published published = publish(std::move(before.linked));
  ConstructorsChecked checked = must(check_constructors(std::move(published)));
  Protected constant = must(protect_relro(std::move(checked)));
  CallsFinal ready = must(make_calls_final(std::move(constant)));

  // Seal. From here on nothing is allocated from the permanent arena, and no mapping of an object
  // changes.
  Sealed sealed = must(seal_everything(std::move(ready)));
  before.watch.lap(Lap::kSeal);
  before.watch.log(before.statistics);
  release_start_up_memory(sealed);

  // Run. From here on foreign code runs: nothing that it can write may steer ld-seal.
  Constructed constructed = run_constructors(std::move(sealed));
  uintptr_t fini = fini_for_program(constructed);
  enter(std::move(constructed), fini);
}

// A static program relocates itself: no libc is brought up, nothing is linked.
[[noreturn]] void start_static_program(void* policy_decided) {
  PolicyDecided& decided = *static_cast<PolicyDecided*>(policy_decided);
  Sealed sealed = must(seal_around_static_program(std::move(decided)));
  enter(leave_constructors_to_program(std::move(sealed)), 0);
}

// libc as a program: its own rtld relocates it, and it prints its version and exits.
[[noreturn]] void start_under_libc_rtld(void* policy_decided) {
  PolicyDecided& decided = *static_cast<PolicyDecided*>(policy_decided);
  Sealed sealed = must(seal_around_static_program(std::move(decided)));
  Constructed constructed = leave_constructors_to_program(std::move(sealed));
  enter_program(constructed.process().stack.start, leave_to_libc_rtld(constructed), 0);
}

[[noreturn]] void enter(Constructed&& constructed, uintptr_t fini) {
  const Process& p = constructed.process();
  enter_program(p.stack.start, p.graph.program->entry.value, fini);
}

Options read_options(ProcessStack& stack) {
  Options options;
  read_environment(options, stack);
  if (started_as_command(stack)) must(read_command_line(options, stack));
  if (options.own_debug != nullptr) add_trace_words(options.own_debug);
  uint32_t ours_alone = trace::enabled_topics;
  if (may_be_left_to_libc_rtld(options)) hold_output(scratch_arena);
  if (options.show_auxiliary != nullptr) print_auxiliary_vector(stack);
  if (options.action == Action::kHelp) print_help(options), kernel::exit(0);
  if (options.action == Action::kVersion) print_version(), kernel::exit(0);
  if (options.debug != nullptr) add_trace_words(options.debug);
  share_topics(trace::enabled_topics & ~ours_alone);
  if (trace::enabled_topics != 0) must(start_tracing(options.debug_output));
  return options;
}

// Starts glibc's rtld as a command, for what only it knows (--list-tunables).
[[noreturn]] void ask_glibc_rtld(Process& p) {
  const Module& rtld = *must(load_glibc_rtld(p));
  forget_output();
  describe_as_command(p.stack, rtld);
  enter_program(p.stack.start, rtld.entry.value, 0);
}

[[noreturn]] void list_libraries(const Process& p, const Options& options) {
  if (options.trace_loaded_objects != nullptr && trace::on(Topic::kUnused))
    kernel::exit(print_unused_libraries(p) ? 1 : 0);
  print_libraries(p);
  if (options.trace_loaded_objects != nullptr && options.verbose != nullptr)
    print_needed_versions(p);
  kernel::exit(0);
}

// `--verify` ends here.
ProgramFound must_find_program(Process& p, const Options& options) {
  Result<ProgramFound> found = find_program(p, options);
  if (options.action == Action::kVerify)
    kernel::exit(verify_status(found ? p.graph.program : nullptr));
  return must(std::move(found));
}

}  // namespace
