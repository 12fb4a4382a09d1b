// The list of start-up has the order of loading; ld-seal is its last entry.
#include "ldso/dl/rendezvous.h"

#include "ldso/abi/exports.h"
#include "ldso/base/lifetime.h"
#include "ldso/dl/vdso.h"
#include "ldso/elf/symbols.h"
#include "ldso/image/relro.h"
#include "ldso/link/dynamic_section.h"
#include "ldso/link/linker.h"

using namespace ldseal;

// `_r_debug` is its first member: programs know the size of that (COPY relocation).
extern "C" {
LDSEAL_RECORD
[[gnu::visibility("hidden"), gnu::used]] constinit ExtendedRendezvous extended_r_debug;
}
static_assert(sizeof(Rendezvous) == 40);

#define TEXT(name) #name
#define TEXT_OF(name) TEXT(name)
asm(".globl " TEXT_OF(_r_debug) "\n"
    ".protected " TEXT_OF(_r_debug) "\n"
    ".type " TEXT_OF(_r_debug) ", %object\n"
    ".size " TEXT_OF(_r_debug) ", 40\n"
    ".set " TEXT_OF(_r_debug) ", extended_r_debug");

// Debuggers put a breakpoint here.
[[gnu::noinline]] void _dl_debug_state() { asm volatile(""); }

namespace ldseal {
namespace {

// Opening an object changes the last entry of the list. So the last entry of start-up, which is
// ld-seal's, must not lie in sealed memory. Outside of a RecordChange all of this is read-only.
LDSEAL_RECORD constinit LinkMap own_link_map = {
    0, nullptr};  // all zero: ld-seal has no initialised data
LDSEAL_RECORD constinit LinkMap* last_link_map = nullptr;
// A program that uses `_r_debug` without position-independent code has it in its own memory (COPY
// relocation). Null: it has none.
LDSEAL_FINAL constinit Rendezvous* program_copy = nullptr;

void append(LinkMap& map, Module& module) {
  describe_link_map(map, module);
  module.link_map = &map;
  append_link_map(map);
}

// Writes the address of r_debug to DT_DEBUG in the program's dynamic section, where debuggers look
// first. A section that is not writable is left as it is.
void set_debug_entry(const Module& program, const Rendezvous* rendezvous) {
  if (!is_dynamic_writable(program)) return;
  for (Dyn* entry = program.dynamic_section().as<Dyn>(); entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_DEBUG) entry->d_un.d_ptr = reinterpret_cast<uintptr_t>(rendezvous);
  }
}

// Where the program has its copy; null where it has none, or in RELRO, where nothing can change.
Rendezvous* find_copy(const Process& p) {
  const Module& program = *p.graph.program;
  constexpr const char* kName = "_r_debug";
  SymbolQuery wanted{kName, gnu_hash(kName), nullptr, nullptr, true};
  const Sym* copy = find_symbol(program.symbols(), wanted, ReferenceKind::kAddress);
  if (copy == nullptr || copy->st_size < sizeof(Rendezvous)) return nullptr;
  Address place = Vaddr(copy->st_value) + program.bias;
  if (relro_pages(program.segments, program.bias, p.page).contains(place)) return nullptr;
  return is_copied(program, *copy) ? place.as<Rendezvous>() : nullptr;
}

}  // namespace

// musl names the program, glibc does not.
static const char* name_in_lists(const Module& module) {
  const ProcessStack& stack = process.stack;
  bool is_named = module.kind == ModuleKind::kProgram && stack.argument_count() != 0 &&
                  process.runtime.family == LibcFamily::kMusl;
  return is_named ? stack.arguments[0] : module.path;
}

void describe_link_map(LinkMap& map, Module& module) {
  map.l_addr = module.bias.value;
  map.l_name = name_in_lists(module);
  map.l_ld = module.dynamic_section().as<const Dyn>();
  map.module = &module;
}

void announce(RendezvousState state) {
  _r_debug.r_state = state;
  if (program_copy != nullptr) program_copy->r_state = state;
  _dl_debug_state();
}

void show_namespaces() {
  const Rendezvous* libcs = process.runtime.rendezvous;
  if (libcs == nullptr || libcs->r_version < kExtendedRendezvous) return;
  extended_r_debug.r_next = reinterpret_cast<const ExtendedRendezvous*>(libcs)->r_next;
  _r_debug.r_version = kExtendedRendezvous;
  announce(_r_debug.r_state);
}

void append_link_map(LinkMap& map) {
  map.l_prev = last_link_map;
  if (last_link_map != nullptr) last_link_map->l_next = &map;
  last_link_map = &map;
}

void remove_link_map(LinkMap& map) {
  map.l_prev->l_next = map.l_next;
  if (map.l_next != nullptr) map.l_next->l_prev = map.l_prev;
  if (last_link_map == &map) last_link_map = map.l_prev;
}

void relink_opened(std::span<Module* const> opened) {
  own_link_map.l_next = nullptr;
  last_link_map = &own_link_map;
  for (Module* m : opened) {
    m->link_map->l_next = nullptr;
    append_link_map(*m->link_map);
  }
}

void publish_link_map(Process& p, Arena& permanent) {
  _r_debug.r_version = 1;
  _r_debug.r_brk = reinterpret_cast<uintptr_t>(&_dl_debug_state);
  _r_debug.r_ldbase = p.self->bias.value;
  bool glibc = p.runtime.family == LibcFamily::kGlibc;
  bool has_vdso = p.runtime.family != LibcFamily::kNone;
  Address vdso(has_vdso ? p.stack.value(AT_SYSINFO_EHDR) : 0);
  Module* described = describe_vdso(vdso, p.runtime.family, p.page, permanent);
  for (Module* m : p.graph.modules) {
    append(*permanent.make<LinkMap>(), *m);
    if (glibc && m->is_linked_by_us()) make_dynamic_absolute(*m);
    bool comes_next = glibc && m == p.graph.program && described != nullptr;
    if (comes_next) append(*permanent.make<LinkMap>(), *described);
  }
  if (!glibc && described != nullptr) append(*permanent.make<LinkMap>(), *described);
  append(own_link_map, *p.self);
  set_debug_entry(*p.graph.program, &_r_debug);
  _r_debug.r_map = p.graph.program->link_map;  // never null when a debugger looks
  program_copy = find_copy(p);
  if (program_copy != nullptr) *program_copy = _r_debug;
  announce(RendezvousState::kAdd);
  announce(RendezvousState::kConsistent);
}

}  // namespace ldseal
