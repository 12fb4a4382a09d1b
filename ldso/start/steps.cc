// See steps.h.
#include "ldso/start/steps.h"

#include "arch/native.h"
#include "ldso/base/trace.h"
#include "ldso/dl/constructor_order.h"
#include "ldso/dl/constructors.h"
#include "ldso/dl/fini.h"
#include "ldso/dl/fork.h"
#include "ldso/dl/rendezvous.h"
#include "ldso/image/search.h"
#include "ldso/libc/interposition.h"
#include "ldso/mem/arenas.h"
#include "ldso/start/listing.h"
#include "ldso/start/program.h"
#include "ldso/sys/kernel.h"
#include "ldso/threads/dynamic_tls.h"
#include "ldso/words/report.h"

extern "C" const char tls_descriptor_static[];
extern "C" const char tls_descriptor_undefined_weak[];

namespace ldseal {
namespace {

constexpr int kCannotStart = 127;

Module* find_by_name(const char* name, void* context) {
  return static_cast<Process*>(context)->graph.names.find(name);
}

SearchSettings settings_for(const Process& p, const Options& options, const Module& program) {
  SearchSettings settings;
  settings.flavour = flavour_of(program);
  // The program may change its environment, and with it where that stood.
  if (options.library_path != nullptr)
    settings.library_path = permanent_arena.copy(options.library_path);
  settings.platform = Address(p.stack.value(AT_PLATFORM)).as<const char>();
  settings.secure = options.secure;
  settings.use_cache = !options.inhibit_cache;
  settings.page = p.page;
  return settings;
}

// The program is entered at an address of its own code.
Status check_entry(const Module& program) {
  Vaddr entry = program.entry - program.bias;
  bool is_code = find_load(program.segments.headers, entry, ByteCount(1), PF_X) != nullptr;
  if (program.entry.value != 0 && is_code) return {};
  Error e = fault(Fault::kNotAProgram);
  e.object = program.display_name();
  e.found = program.entry.value == 0 ? 0 : entry.value;
  return e;
}

// ld.so(8), --verify.
[[noreturn]] void exit_verified(const Module& program) {
  constexpr int kGood = 0, kNotDynamic = 1, kNoInterpreter = 2;
  if (program.segments.dynamic == nullptr) kernel::exit(kNotDynamic);
  kernel::exit(program.segments.interpreter == nullptr ? kNoInterpreter : kGood);
}

// Nearly sorted already: the kernel maps each object below the one before it, and the list begins with
// the last.
void sort_by_address(List<Module*>& list) {
  for (size_t i = 1; i < list.size(); ++i) {
    Module* m = list[i];
    size_t at = i;
    for (; at > 0 && list[at - 1]->span.start > m->span.start; --at) list[at] = list[at - 1];
    list[at] = m;
  }
}

void musl_constructors() {
  if (process.binds_to_us) follow_forks();
  run_library_constructors(process);
  run_program_constructors(process);
}

void destructors() {
  run_destructors(process);
  if (process.runtime.fini.value != 0) reinterpret_cast<void (*)()>(process.runtime.fini.value)();
}

std::span<Module* const> modules_of(const Process& p) {
  return {p.graph.modules.begin(), p.graph.modules.size()};
}

// What musl runs in the program's name.
LibcHooks musl_hooks() {
  return {Address(reinterpret_cast<uintptr_t>(&musl_constructors)),
          Address(reinterpret_cast<uintptr_t>(&destructors))};
}

// The global scope: the order of loading, with ourselves directly before libc.
Scope build_scope(Process& p, Arena& scratch) {
  List<Module*>& order = p.scope_order;
  order.reserve(permanent_arena, p.graph.modules.size() + 1);
  for (Module* m : p.graph.modules) {
    if (m == p.graph.libc) order.add(permanent_arena, p.ourselves);
    order.add(permanent_arena, m);
  }
  if (p.graph.libc == nullptr) order.add(permanent_arena, p.ourselves);
  Scope scope;
  scope.build({order.begin(), order.size()}, estimate_references(modules_of(p)), scratch);
  return scope;
}

}  // namespace

Stopwatch::Stopwatch() {
  if (trace::on(Topic::kStatistics)) start_ = last_ = kernel::monotonic_nanoseconds();
}

void Stopwatch::lap(Lap which) {
  if (!trace::on(Topic::kStatistics)) return;
  uint64_t now = kernel::monotonic_nanoseconds();
  laps_[static_cast<size_t>(which)] = now - last_;
  last_ = now;
}

uint64_t Stopwatch::since_start() const { return kernel::monotonic_nanoseconds() - start_; }

Mapped must_load(Process& p, const Options& options) {
  Result<Module*> program = load_program(p, options, permanent_arena);
  if (!program) {
    if (options.action == Action::kVerify) kernel::exit(1);
    fail(program.error());
  }
  if (options.action == Action::kVerify) exit_verified(**program);
  p.search = permanent_arena.make<SearchSettings>(settings_for(p, options, **program));
  p.binds_now = options.bind_now != nullptr;
  LibrarySearch search(*p.search, **program, permanent_arena);
  bool listing = options.action == Action::kList;
  GraphLoader loader(p.graph, search, listing ? LibcHandling::kMapped : LibcHandling::kFoundOnly,
                     permanent_arena);
  if (listing) loader.tell_missing(note_missing_library);
  loader.add_program(**program);
  bool musl = p.search->flavour == Flavour::kMusl;
  bool option_replaces = musl && options.preload_option != nullptr;
  if (!option_replaces) loader.add_preloads(options.preload_variable, report_ignored);
  loader.add_preloads(options.preload_option, report_ignored);
  if (Status s = loader.load_needed(); !s) fail(s.error());
  if (listing) {
    print_libraries(p);
    kernel::exit(0);
  }
  if (Status s = check_entry(**program); !s) fail(s.error());
  if (family_of(p.graph) == LibcFamily::kMusl)
    hide_what_libc_lacks(*p.ourselves, *p.graph.libc, permanent_arena);
  for (Module* m : p.graph.modules) search.settle_origin(*m);
  p.constructors =
      constructor_order(modules_of(p), search.settings().flavour, permanent_arena, scratch_arena);
  return Mapped(p);
}

Status check_all_versions(const LibcAlive& alive) {
  Process& p = alive.process();
  if (p.runtime.family == LibcFamily::kMusl) return {};  // musl knows no versions
  for (const Module* m : p.graph.modules) {
    if (!m->is_ours_to_link()) continue;
    if (Status s = check_versions(*m, find_by_name, &p); !s) return s;
  }
  return {};
}

// musl has room in itself for a small block of the first thread, and makes memory for a larger one: a program that opens
// nothing does not pay for that.
Result<TlsLayout> lay_out_thread_storage(const Mapped& mapped) {
  const Process& p = mapped.process();
  bool is_musl = family_of(p.graph) == LibcFamily::kMusl;
  TlsRoom room = is_musl && !may_open_objects(modules_of(p)) ? TlsRoom::kNone : TlsRoom::kForOpened;
  return lay_out_tls(modules_of(p), Native::kTlsVariant, Native::kThreadHeader, room);
}

Result<LibcAlive> bring_libc_up(Mapped&& mapped, const TlsLayout& tls) {
  Process& p = mapped.process();
  Result<Runtime> runtime = bring_up(p.graph, *p.ourselves, tls, musl_hooks(), p.stack, p.page,
                                     permanent_arena, scratch_arena);
  if (!runtime) return runtime.error();
  p.runtime = *runtime;
  set_up_dynamic_tls(tls, permanent_arena);
  return LibcAlive(p);
}

// The program comes last: by then what its COPY relocations copy is relocated.
Linked link(LibcAlive&& alive, const TlsLayout& tls, LinkStatistics& statistics) {
  Process& p = alive.process();
  Scope scope = build_scope(p, scratch_arena);
  TlsAccess entries;
  entries.static_offset = Address(tls_descriptor_static);
  entries.undefined_weak = Address(tls_descriptor_undefined_weak);
  Linker linker(scope, entries, p.stack.value(AT_HWCAP), p.stack.value(AT_HWCAP2), p.page,
                scratch_arena);
  for (size_t i = p.graph.modules.size(); i > 0; --i) {
    Module& m = *p.graph.modules[i - 1];
    if (!m.is_ours_to_link()) continue;
    if (Status s = linker.relocate(m); !s) fail(s.error());
  }
  for (const Error& e : linker.missing()) report(e);
  if (!linker.missing().empty()) kernel::exit(kCannotStart);
  linker.apply_indirect();
  copy_tls_images(modules_of(p), tls, p.runtime.tls_block);
  if (p.runtime.tls_image.value != 0) copy_tls_images(modules_of(p), tls, p.runtime.tls_image);
  statistics = linker.statistics();
  p.binds_to_us = linker.binds_to_us();
  return Linked(p);
}

void publish(const Linked& linked) {
  Process& p = linked.process();
  publish_link_map(p, permanent_arena);
  for (size_t i = p.graph.modules.size(); i > 0; --i) {
    p.by_address.add(permanent_arena, p.graph.modules[i - 1]);
  }
  p.by_address.add(permanent_arena, p.ourselves);
  sort_by_address(p.by_address);
}

void tell_statistics(const Stopwatch& watch, const LinkStatistics& s) {
  if (!trace::on(Topic::kStatistics)) return;
  trace::tell(
      Topic::kStatistics,
      {Event::kStatistics,
       {},
       {watch.since_start(), watch.of(Lap::kLoad), watch.of(Lap::kRuntime), watch.of(Lap::kLink),
        watch.of(Lap::kSeal), s.relocations, s.relative, s.lookups, s.reused_lookups}});
}

void run_constructors(const Sealed& sealed) {
  Process& p = sealed.process();
  if (p.runtime.family == LibcFamily::kMusl) return;  // musl runs them, through our hooks
  if (p.binds_to_us) follow_forks();
  run_preinitialisers(p);
  run_library_constructors(p);
}

uintptr_t fini_for_program(const Sealed& sealed) {
  const Process& p = sealed.process();
  trace::tell(Topic::kFiles, {Event::kTransfer, {p.graph.program->display_name()}});
  return p.runtime.family == LibcFamily::kMusl ? 0 : reinterpret_cast<uintptr_t>(&destructors);
}

}  // namespace ldseal
