// libgcc makes its table of register sizes when it first looks at a frame, and aborts if a register
// is set without the table. So it is made to look at a frame of ours.
#include "ldso/dl/unwinder.h"

#include "ldso/base/text.h"
#include "ldso/process/process.h"

namespace ldseal {
namespace {

constexpr int kStop = 1;  // anything but _URC_NO_REASON

int stop_at_once(void*, void*) { return kStop; }

}  // namespace

void make_unwinder_ready(const Module& m) {
  bool is_glibcs = process.runtime.family == LibcFamily::kGlibc;
  bool is_the_only_one = process.runtime.rtld.open != nullptr;  // dl/libc_opens.h
  if (!is_glibcs || is_the_only_one || m.soname == nullptr || m.soname != kUnwinderName) return;
  SymbolQuery query{"_Unwind_Backtrace", gnu_hash("_Unwind_Backtrace"), nullptr, nullptr, true};
  const Sym* symbol = find_symbol(m.symbols(), query, ReferenceKind::kCall);
  if (symbol == nullptr) return;
  using Visit = int (*)(void* context, void* argument);
  using Walk = int (*)(Visit, void*);
  reinterpret_cast<Walk>((Vaddr(symbol->st_value) + m.bias).value)(stop_at_once, nullptr);
}

}  // namespace ldseal
