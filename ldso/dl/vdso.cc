// See vdso.h.
#include "ldso/dl/vdso.h"

#include "ldso/base/text.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/rendezvous.h"
#include "ldso/image/map_file.h"

namespace ldseal {
namespace {

constinit LinkMap* vdso_link_map = nullptr;  // null: there is none
constinit Module* opened_vdso = nullptr;     // null: nobody has asked for it

ProgramHeaders headers_at(Address base) {
  const auto& header = *base.as<const Ehdr>();
  return {(base + ByteCount(header.e_phoff)).as<const Phdr>(), header.e_phnum};
}

// The first byte of the image is at `base`; its segment may be linked for another address.
LoadBias bias_of(Address base, ProgramHeaders headers) {
  for (const Phdr& ph : headers) {
    if (ph.p_type == PT_LOAD) return bias_between(base + ByteCount(ph.p_offset), Vaddr(ph.p_vaddr));
  }
  return bias_between(base, Vaddr(0));
}

// What describes it is read-only by now; what opening changes is not.
Module& as_opened() {
  if (opened_vdso != nullptr) return *opened_vdso;
  DlopenGroup& group = begin_group();
  auto* module = group.arena.make<Module>(*vdso_link_map->module);
  auto* state = group.arena.make<DlopenState>();
  state->module = state->root = module;
  state->group = &group;
  state->is_global = true;   // nobody finds its names but by the handle
  state->construction = 1;  // it has no constructors
  module->dlopen_state = state;
  module->link_map = vdso_link_map;
  group.live = 1;
  return *(opened_vdso = module);
}

}  // namespace

LinkMap* make_vdso_link_map(Address base, PageSize page, Arena& permanent) {
  if (base.value == 0) return nullptr;
  auto* module = permanent.make<Module>();
  ProgramHeaders headers = headers_at(base);
  Status described = describe_in_memory(*module, headers, bias_of(base, headers), page, permanent);
  if (!described || module->soname == nullptr) return nullptr;
  module->path = module->file_path = module->needed_as = module->soname;
  vdso_link_map = permanent.make<LinkMap>();
  describe_link_map(*vdso_link_map, *module);
  return vdso_link_map;
}

Module* vdso_by_name(const char* name) {
  bool is_asked_for = vdso_link_map != nullptr && equal(vdso_link_map->l_name, name);
  return is_asked_for ? &as_opened() : nullptr;
}

Module* vdso_by_handle(const void* handle) {
  return vdso_link_map != nullptr && handle == vdso_link_map ? &as_opened() : nullptr;
}

}  // namespace ldseal
