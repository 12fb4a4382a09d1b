// The order is that of the global scope; we ourselves come last.
#include "ldso/run/rendezvous.h"

#include "ldso/run/exports.h"

namespace ldseal {
namespace {

LinkMap* append(LinkMap* last, Module& module, Arena& permanent) {
  auto* map = permanent.make<LinkMap>();
  map->l_addr = module.bias.value;
  map->l_name = module.path;
  map->l_ld = module.dynamic_section().as<const Dyn>();
  map->l_prev = last;
  map->module = &module;
  if (last != nullptr) last->l_next = map;
  module.link_map = map;
  return map;
}

// The word that debuggers look at first: DT_DEBUG in the program's dynamic section, where that can
// be written.
void set_debug_entry(const Module& program, const Rendezvous* rendezvous) {
  const Phdr* section = program.segments.dynamic;
  if (section == nullptr || (section->p_flags & PF_W) == 0) return;
  for (Dyn* entry = program.dynamic_section().as<Dyn>(); entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_DEBUG) entry->d_un.d_ptr = reinterpret_cast<uintptr_t>(rendezvous);
  }
}

}  // namespace

void publish_link_map(Process& p, Arena& permanent) {
  _r_debug.r_version = 1;
  _r_debug.r_brk = reinterpret_cast<uintptr_t>(&_dl_debug_state);
  _r_debug.r_ldbase = p.ourselves->bias.value;
  LinkMap* last = nullptr;
  for (Module* m : p.graph.modules) last = append(last, *m, permanent);
  append(last, *p.ourselves, permanent);
  set_debug_entry(*p.graph.program, &_r_debug);
  _r_debug.r_state = RendezvousState::kAdd;
  _dl_debug_state();
  _r_debug.r_map = p.graph.program->link_map;
  _r_debug.r_state = RendezvousState::kConsistent;
  _dl_debug_state();
}

}  // namespace ldseal
