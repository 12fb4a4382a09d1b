// See steps.h.
#include "ldso/start/steps.h"

#include "arch/native.h"
#include "ldso/base/trace.h"
#include "ldso/dl/constructors.h"
#include "ldso/dl/fini.h"
#include "ldso/dl/fork.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/rendezvous.h"
#include "ldso/dl/scope_trace.h"
#include "ldso/libc/musl_exit.h"
#include "ldso/libc/preload_file_hiding.h"
#include "ldso/link/version_check.h"
#include "ldso/mem/arenas.h"
#include "ldso/start/tunables.h"
#include "ldso/sys/kernel.h"
#include "ldso/threads/dynamic_tls.h"
#include "ldso/threads/stack_guards.h"
#include "ldso/words/report.h"

extern "C" const char tls_descriptor_static[];
extern "C" const char tls_descriptor_undefined_weak[];

namespace ldseal {
namespace {

Module* find_by_name(const char* name, void* context) {
  return static_cast<Process*>(context)->graph.names.find(name);
}

void warn(const Error& error) {
  const char* name = process.stack.arguments[0];
  report_warning(name == nullptr ? "<program name unknown>" : name, error);
}

// An insertion sort, because the list is nearly sorted: the kernel maps each object below the one
// before it, and the list begins with the last.
void sort_by_address(List<Module*>& list) {
  for (size_t i = 1; i < list.size(); ++i) {
    Module* m = list[i];
    size_t at = i;
    for (; at > 0 && list[at - 1]->span.start > m->span.start; --at) list[at] = list[at - 1];
    list[at] = m;
  }
}

// For a child of fork(2) that uses ld-seal, or in which code is to stay final.
void follow_forks_if_needed(const Process& p) {
  if (p.binds_to_us || p.policy.seals(SealClass::kWx)) follow_forks();
}

// The thread whose exit(3) runs the destructors. Under musl it decides which threads wait for it.
constinit uintptr_t ending_thread = 0;

void destructors() {
  ending_thread = thread_pointer();
  run_destructors(process);
}

void register_with_musl(void (*function)()) {
  using Register = int (*)(void (*)());
  auto atexit = reinterpret_cast<Register>(libc_function("atexit").value);
  if (atexit == nullptr || atexit(function) != 0)
    kernel::die("ld-seal: atexit of musl does not take the destructors\n");
}

// Another thread that calls exit(3) meanwhile does not end the process: it waits for its end here,
// and under musl's own loader for a lock that is never released.
void wait_for_ending_thread() {
  if (thread_pointer() == ending_thread) return;
  register_with_musl(wait_for_ending_thread);  // for the next thread
  for (const uint32_t never = 0;;) kernel::futex_wait(&never, never);
}

// musl runs what was registered first as the last.
void register_destructors() {
  register_with_musl(wait_for_ending_thread);
  register_with_musl(destructors);
}

void musl_constructors() {
  show_destructors_of_libc();
  follow_forks_if_needed(process);
  register_destructors();
  run_library_constructors(process);
  run_program_constructors(process);
}

std::span<Module* const> modules_of(const Process& p) {
  return {p.graph.modules.begin(), p.graph.modules.size()};
}

LibcHooks hooks(const Process& p) {
  return {Address(reinterpret_cast<uintptr_t>(&musl_constructors)), p.search->library_path};
}

// The global scope: the order of loading, with ld-seal directly before libc.
Scope build_scope(Process& p, Arena& scratch) {
  List<Module*>& order = p.scope_order;
  order.reserve(permanent_arena, p.graph.modules.size() + 1);
  for (Module* m : p.graph.modules) {
    if (m == p.graph.libc) order.add(permanent_arena, p.self);
    order.add(permanent_arena, m);
  }
  if (p.graph.libc == nullptr) order.add(permanent_arena, p.self);
  put_filtees_first({order.begin(), order.size()}, scratch);
  Scope scope(p.weak);
  scope.build({order.begin(), order.size()}, estimate_references(modules_of(p)), scratch);
  return scope;
}

}  // namespace

Result<VersionsFound> check_all_versions(LibcAlive&& alive) {
  Process& p = alive.process();
  if (p.runtime.family == LibcFamily::kMusl) return VersionsFound(p);  // musl knows no versions
  for (const Module* m : p.graph.modules) {
    if (!m->is_linked_by_us()) continue;
    if (Status s = check_versions(*m, find_by_name, &p, warn); !s) return s.error();
  }
  return VersionsFound(p);
}

// musl has room in its own data for a small block of the first thread, and maps memory for a larger
// one. So a musl program that can open no object gets no surplus.
Result<TlsLayout> lay_out_thread_storage(const PolicyDecided& decided, const Options& options) {
  const Process& p = decided.process();
  if (Status s = check_stack_guards(p.page); !s) return s.error();
  bool is_musl = family_of(p.graph) == LibcFamily::kMusl;
  TlsRoom room = is_musl && !may_open_objects(modules_of(p)) ? TlsRoom::kNone : TlsRoom::kForOpened;
  ByteCount more = is_musl ? ByteCount(0) : more_surplus_by(options.tunables);
  return lay_out_tls(modules_of(p), Native::kTlsVariant, Native::kThreadHeader, room, more);
}

namespace {

struct BeforeLibc {
  Process& process;
  const TlsLayout& tls;
  AfterLibcAlive then;
  void* argument;
};

}  // namespace

void libc_is_alive(Result<Runtime> runtime, void* before_libc) {
  const BeforeLibc& before = *static_cast<const BeforeLibc*>(before_libc);
  Process& p = before.process;
  if (runtime) {
    p.runtime = *runtime;
    set_up_dynamic_tls(before.tls, permanent_arena);
  }
  before.then(runtime ? Result<LibcAlive>(LibcAlive(p)) : runtime.error(), before.argument);
}

void bring_libc_up(PolicyDecided&& decided, const TlsLayout& tls, AfterLibcAlive then,
                   void* argument) {
  Process& p = decided.process();
  if (p.has_preload_file && p.graph.libc_rtld != nullptr)
    hide_preload_file(*p.graph.libc_rtld, p.page, scratch_arena);
  BeforeLibc before{p, tls, then, argument};
  LibcStart start{p.graph, *p.self,         tls,          hooks(p), p.weak, p.stack,
                  p.page,  permanent_arena, scratch_arena};
  bring_up(start, libc_is_alive, &before);
}

// The program is relocated last, because its COPY relocations copy data that must be relocated by
// then.
Linked link(RelroAnonymous&& ready, const TlsLayout& tls, LinkStatistics& statistics) {
  Process& p = ready.process();
  Scope scope = build_scope(p, scratch_arena);
  TlsAccess entries;
  entries.static_offset = Address(tls_descriptor_static);
  entries.undefined_weak = Address(tls_descriptor_undefined_weak);
  Linker linker(scope, LinkPolicy::of_start_up(scope), entries, p.hwcap, p.hwcap2, p.page,
                scratch_arena);
  for (size_t i = p.graph.modules.size(); i > 0; --i) {
    Module& m = *p.graph.modules[i - 1];
    if (!m.is_linked_by_us()) continue;
    if (Status s = linker.relocate(m); !s) fail(s.error());
  }
  if (p.search->rules == LibcRules::kGlibc) {
    for (const Error& e : linker.cut_copies()) warn(e);
  }
  for (const Error& e : linker.missing()) report(e);
  if (!linker.missing().empty()) kernel::exit(kernel::kCannotGoOn);
  linker.apply_indirect();
  copy_tls_images(modules_of(p), tls, p.runtime.tls_block);
  if (p.runtime.tls_image.value != 0) copy_tls_images(modules_of(p), tls, p.runtime.tls_image);
  statistics = linker.statistics();
  p.binds_to_us = linker.binds_to_us();
  return Linked(p);
}

Published publish(Linked&& linked) {
  Process& p = linked.process();
  publish_link_map(p, permanent_arena);
  trace_scopes_of_start_up();
  for (size_t i = p.graph.modules.size(); i > 0; --i) {
    p.by_address.add(permanent_arena, p.graph.modules[i - 1]);
  }
  p.by_address.add(permanent_arena, p.self);
  sort_by_address(p.by_address);
  return Published(p);
}

Result<ConstructorsChecked> check_constructors(Published&& published) {
  Process& p = published.process();
  if (Status s = check_constructors(p, permanent_arena); !s) return s.error();
  return ConstructorsChecked(p);
}

Constructed run_constructors(Sealed&& sealed) {
  Process& p = sealed.process();
  if (p.runtime.family == LibcFamily::kMusl) return Constructed(p);  // musl runs them: hooks()
  follow_forks_if_needed(p);
  run_first_constructors(p);
  run_preinitialisers(p);
  run_library_constructors(p);
  leave_program_to_libc(p);
  return Constructed(p);
}

Constructed leave_constructors_to_program(Sealed&& sealed) { return Constructed(sealed.process()); }

uintptr_t leave_to_libc_rtld(const Constructed& constructed) {
  const Process& p = constructed.process();
  const Module& rtld = *p.graph.libc_rtld;
  if (AuxiliaryEntry* base = p.stack.find(AT_BASE)) base->a_un.a_val = rtld.bias.value;
  return rtld.entry.value;
}

uintptr_t fini_for_program(const Constructed& constructed) {
  const Process& p = constructed.process();
  trace::log(Topic::kFiles, {Event::kTransfer, {p.graph.program->display_name()}});
  return p.runtime.family == LibcFamily::kMusl ? 0 : reinterpret_cast<uintptr_t>(&destructors);
}

}  // namespace ldseal
