// QEMU's user mode answers 0 to every advice and ignores it. So an advice that cannot exist is
// tried first: a kernel that accepts it is not trusted.
#include "ldso/mem/guards.h"

#include <asm/errno.h>

#include "ldso/mem/mapping.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

constexpr int kGuardInstall = 102;  // headers before Linux 6.13 lack MADV_GUARD_INSTALL
constexpr int kGuardRemove = 103;
constexpr int kNoAdvice = 0x4c44;

enum class Knowledge : uint8_t { kUnknown, kChecksAdvice, kNone };
Knowledge knowledge = Knowledge::kUnknown;

// Memory that is locked as soon as it is mapped (mlockall(2)) cannot have a guard.
bool install_in_unlocked(AddressRange range) {
  kernel::Answer answer = kernel::advise(range.start, range.length(), kGuardInstall);
  if (answer.error_number() == EINVAL && !kernel::unlock(range.start, range.length()).failed())
    answer = kernel::advise(range.start, range.length(), kGuardInstall);
  return !answer.failed();
}

}  // namespace

void forbid_guards() { knowledge = Knowledge::kNone; }

bool guards_may_work() { return knowledge != Knowledge::kNone; }

bool install_guards(AddressRange range) {
  if (knowledge == Knowledge::kUnknown) {
    bool checks = kernel::advise(range.start, range.length(), kNoAdvice).error_number() == EINVAL;
    knowledge = checks ? Knowledge::kChecksAdvice : Knowledge::kNone;
  }
  if (knowledge == Knowledge::kNone) return false;
  return !kernel::advise(range.start, range.length(), kGuardInstall).failed();
}

void remove_guards(AddressRange range) {
  kernel::advise(range.start, range.length(), kGuardRemove);
}

bool guards_hold(PageSize page) {
  if (knowledge == Knowledge::kNone) return false;
  auto mapping = Mapping::anonymous(ByteCount(page.value));
  if (!mapping) return false;
  AddressRange range = mapping->range();
  bool hold =
      install_in_unlocked(range) && kernel::probe_read(range.start).error_number() == EFAULT;
  knowledge = hold ? Knowledge::kChecksAdvice : Knowledge::kNone;
  return hold;
}

}  // namespace ldseal
