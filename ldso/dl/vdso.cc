// See vdso.h.
#include "ldso/dl/vdso.h"

#include "ldso/base/lifetime.h"
#include "ldso/image/map_file.h"

namespace ldseal {
namespace {

LDSEAL_FINAL constinit Module* vdso = nullptr;

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

}  // namespace

Module* describe_vdso(Address base, LibcFamily family, PageSize page, Arena& permanent) {
  if (base.value == 0) return nullptr;
  auto* module = permanent.make<Module>();
  ProgramHeaders headers = headers_at(base);
  Status described = describe_in_memory(*module, headers, bias_of(base, headers), page, permanent);
  if (!described || module->soname == nullptr) return nullptr;
  bool musl = family == LibcFamily::kMusl;
  module->path = module->file_path = musl ? "" : module->soname;
  module->needed_as = musl ? "linux-gate.so.1" : module->soname;
  return vdso = module;
}

const Module* described_vdso() { return vdso; }

}  // namespace ldseal
