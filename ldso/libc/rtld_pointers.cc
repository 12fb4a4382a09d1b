// See rtld_pointers.h.
#include "ldso/libc/rtld_pointers.h"

#include <cerrno>

#include "ldso/base/lifetime.h"
#include "ldso/sys/kernel.h"

namespace {
constexpr size_t kTrampolines = 64;  // as in trampolines.S
}

extern "C" const char first_trampoline[], second_trampoline[];
extern "C" {
LDSEAL_FINAL [[gnu::visibility("hidden")]] constinit uint64_t trampoline_targets[kTrampolines] = {};
}

namespace ldseal {
namespace {

LDSEAL_FINAL constinit size_t used = 0;
LDSEAL_FINAL constinit const Module* rtld_to_change = nullptr;

std::span<uint64_t> words_of_rtld(const Module& rtld) {
  constexpr char kName[] = "_rtld_global_ro";
  SymbolQuery wanted{kName, gnu_hash(kName), nullptr, nullptr, true};
  const Sym* symbol = find_symbol(rtld.symbols(), wanted, ReferenceKind::kAddress);
  if (symbol == nullptr || symbol->st_value % sizeof(uint64_t) != 0) return {};
  Address start = Vaddr(symbol->st_value) + rtld.bias;
  AddressRange range{start, start + ByteCount(symbol->st_size)};
  if (!rtld.span.contains(range.start) || range.end > rtld.span.end) return {};
  return {start.as<uint64_t>(), symbol->st_size / sizeof(uint64_t)};
}

bool is_code_of(const Module& rtld, Address to) {
  if (!rtld.span.contains(to)) return false;
  return find_load(rtld.segments.headers, to - rtld.bias, ByteCount(1), PF_X) != nullptr;
}

bool can_be_written(const uint64_t& word) {
  return kernel::probe_write(Address(&word)).error_number() != EFAULT;
}

void use_trampolines(const Module& rtld) {
  auto first = reinterpret_cast<uintptr_t>(first_trampoline);
  uint64_t size = reinterpret_cast<uintptr_t>(second_trampoline) - first;
  for (uint64_t& word : words_of_rtld(rtld)) {
    if (!is_code_of(rtld, Address(word)) || used == kTrampolines) continue;
    if (used == 0 && !can_be_written(word)) return;
    trampoline_targets[used] = word;
    word = first + used++ * size;
  }
}

// Its result is stored in the stand-in, and is used for nothing.
uintptr_t use_trampolines_as_resolver() {
  if (used == 0) use_trampolines(*rtld_to_change);
  return 0;
}

}  // namespace

Address trampolines_for(const Module& rtld) {
  rtld_to_change = &rtld;
  return Address(reinterpret_cast<uintptr_t>(use_trampolines_as_resolver));
}

std::span<uint64_t> trampoline_targets_in_use() { return {trampoline_targets, used}; }

}  // namespace ldseal
