// QEMU's user mode answers 0 to every advice and heeds none: who accepts one that does not exist is
// not believed.
#include "ldso/mem/guards.h"

#include <asm/errno.h>

#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

constexpr int kGuardInstall = 102;  // MADV_GUARD_INSTALL; headers before Linux 6.13 do not have it
constexpr int kNoAdvice = 0x4c44;

enum class Knowledge : uint8_t { kUnknown, kHeedsAdvice, kNone };
Knowledge knowledge = Knowledge::kUnknown;

}  // namespace

void forbid_guards() { knowledge = Knowledge::kNone; }

bool guards_may_work() { return knowledge != Knowledge::kNone; }

bool install_guards(AddressRange range) {
  if (knowledge == Knowledge::kUnknown) {
    bool heeds = kernel::advise(range.start, range.length(), kNoAdvice).error_number() == EINVAL;
    knowledge = heeds ? Knowledge::kHeedsAdvice : Knowledge::kNone;
  }
  if (knowledge == Knowledge::kNone) return false;
  return !kernel::advise(range.start, range.length(), kGuardInstall).failed();
}

}  // namespace ldseal
