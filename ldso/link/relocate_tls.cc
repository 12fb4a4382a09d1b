// The relocations of thread-local storage (Drepper, "ELF Handling For Thread-Local Storage";
// AAELF64).
#include "arch/native.h"
#include "ldso/link/linker.h"
#include "ldso/link/place.h"
#include "ldso/link/tls_layout.h"

namespace ldseal {

// A local-dynamic access uses a module word without an offset word, so the module word alone must
// name the module.
Status Linker::relocate_tls(Module& module, const Rela& r, RelocationKind kind,
                            const Definition& target) {
  Address place = Vaddr(r.r_offset) + module.bias;
  auto addend = static_cast<uint64_t>(r.r_addend);
  if (is_undefined_weak(target)) {  // its address is to come out as the addend
    if (kind == RelocationKind::kTlsDescriptor) {
      store(place, tls_.undefined_weak.value);
      store(place + ByteCount(8), addend);
    }
    return {};
  }
  const TlsBlock& block = target.module->tls;
  if (block.size.value == 0) {
    Error e = at_place(Fault::kTlsSymbolWithoutTls, module, r);
    e.name = target.module->display_name();
    return e;
  }
  uint64_t in_block = (target.symbol == nullptr ? 0 : target.symbol->st_value) + addend;
  switch (kind) {
    case RelocationKind::kTlsModule:
      store(place, module_word(*target.module, tls_.start_up_modules));
      return {};
    case RelocationKind::kTlsOffset:
      store(place, in_block - Native::kDtpBias);  // __tls_get_addr adds it
      return {};
    case RelocationKind::kTlsThread:
      return relocate_tls_static(module, r, *target.module, in_block);
    case RelocationKind::kTlsDescriptor:
      return relocate_tls_descriptor(module, r, *target.module, in_block);
    default:
      return at_place(Fault::kUnknownRelocation, module, r);
  }
}

// Initial-exec TLS: the code adds a constant to the thread pointer, so the block must be static.
Status Linker::relocate_tls_static(Module& module, const Rela& r, Module& owner,
                                   uint64_t in_block) {
  if (!owner.has_static_tls()) {
    if (Status s = tls_.require_static(owner); !s) {
      Error e = s.error();
      e.object = module.display_name();
      e.place = Place::kVaddr;
      e.where = r.r_offset;
      return e;
    }
  }
  store(Vaddr(r.r_offset) + module.bias, static_cast<uint64_t>(owner.tls_offset()) + in_block);
  return {};
}

Status Linker::relocate_tls_descriptor(Module& module, const Rela& r, const Module& owner,
                                       uint64_t in_block) {
  Address place = Vaddr(r.r_offset) + module.bias;
  if (owner.has_static_tls()) {
    store(place, tls_.static_offset.value);
    store(place + ByteCount(8), static_cast<uint64_t>(owner.tls_offset()) + in_block);
    return {};
  }
  if (!fits_descriptor(in_block)) return at_place(Fault::kRelocationOverflow, module, r);
  store(place, tls_.opened.value);
  store(place + ByteCount(8), descriptor_argument(owner.tls.opened_id, in_block));
  return {};
}

}  // namespace ldseal
