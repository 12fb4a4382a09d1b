// The list of start-up has the order of loading; ld-seal is its last entry.
#include "ldso/dl/rendezvous.h"

#include "ldso/abi/exports.h"

using namespace ldseal;

constinit Rendezvous _r_debug;

// Debuggers put a breakpoint here.
[[gnu::noinline]] void _dl_debug_state() { asm volatile(""); }

namespace ldseal {
namespace {

// Opening an object changes the last entry of the list. So the last entry of start-up, which is
// ld-seal's, must not lie in sealed memory.
constinit LinkMap own_link_map = {0, nullptr};  // all zero: ld-seal has no initialised data
constinit LinkMap* last_link_map = nullptr;

void append(LinkMap& map, Module& module) {
  describe_link_map(map, module);
  module.link_map = &map;
  append_link_map(map);
}

// Writes the address of r_debug to DT_DEBUG in the program's dynamic section, where debuggers look
// first. A section that is not writable is left as it is.
void set_debug_entry(const Module& program, const Rendezvous* rendezvous) {
  const Phdr* section = program.segments.dynamic;
  if (section == nullptr || (section->p_flags & PF_W) == 0) return;
  bool is_writable = loads_cover(program.segments.headers, Vaddr(section->p_vaddr),
                                 ByteCount(section->p_memsz), PF_W);
  if (!is_writable) return;
  for (Dyn* entry = program.dynamic_section().as<Dyn>(); entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_DEBUG) entry->d_un.d_ptr = reinterpret_cast<uintptr_t>(rendezvous);
  }
}

}  // namespace

void describe_link_map(LinkMap& map, Module& module) {
  map.l_addr = module.bias.value;
  map.l_name = module.path;
  map.l_ld = module.dynamic_section().as<const Dyn>();
  map.module = &module;
}

void announce(RendezvousState state) {
  _r_debug.r_state = state;
  _dl_debug_state();
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

void publish_link_map(Process& p, Arena& permanent) {
  _r_debug.r_version = 1;
  _r_debug.r_brk = reinterpret_cast<uintptr_t>(&_dl_debug_state);
  _r_debug.r_ldbase = p.self->bias.value;
  for (Module* m : p.graph.modules) append(*permanent.make<LinkMap>(), *m);
  append(own_link_map, *p.self);
  set_debug_entry(*p.graph.program, &_r_debug);
  _r_debug.r_map = p.graph.program->link_map;  // never null when a debugger looks
  announce(RendezvousState::kAdd);
  announce(RendezvousState::kConsistent);
}

}  // namespace ldseal
