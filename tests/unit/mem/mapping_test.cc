// What the kernel refuses is named with its answer and the range.
#include "ldso/mem/mapping.h"

#include <cerrno>
#include <sys/mman.h>

#include "tests/lib_cc/loading.h"

namespace ldseal {
namespace {

using namespace testing_tools;

constexpr AddressRange kTwoPages{Address(0x10000), Address(0x10000 + 2 * kPage)};

Error refused(Fault f, int error_number) {
  Error e = error_at(Place::kVaddr, kTwoPages.start.value, fault(f));
  e.found = kTwoPages.length().value;
  e.error_number = error_number;
  return e;
}

TEST(Mapping, NamesTheRangeThatCannotBeReserved) {
  ScriptedKernel kernel;
  kernel.fail_after(0, EEXIST);
  EXPECT_EQ(outcome(Mapping::reserve_exactly(kTwoPages)), refused(Fault::kCannotMap, EEXIST));
}

TEST(Mapping, NamesTheRangeThatCannotBeProtected) {
  ScriptedKernel kernel;
  kernel.fail_after(0, EACCES);
  EXPECT_EQ(outcome(change_protection(kTwoPages, PROT_READ)),
            refused(Fault::kCannotProtect, EACCES));
}

}  // namespace
}  // namespace ldseal
