// The standard descriptors of a privileged program, whichever of them its caller has closed.
#include "ldso/sys/secure_execution.h"

#include <cerrno>
#include <gtest/gtest.h>

#include "tests/lib_cc/error_text.h"
#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal {
namespace {

using testing_tools::ScriptedKernel;
using Paths = std::vector<std::string>;

constexpr uint64_t kNull = 0x103, kFull = 0x107;  // makedev(1, 3) and makedev(1, 7)

// A machine with both devices, started with the descriptors in `closed` (a bit each) closed.
struct Machine {
  explicit Machine(unsigned closed) {
    kernel.add_device("/dev/null", kNull);
    kernel.add_device("/dev/full", kFull);
    for (int descriptor = 0; descriptor < 3; ++descriptor) {
      if ((closed >> descriptor & 1) != 0) kernel.close_standard(descriptor);
    }
  }
  Paths opened() const { return kernel.paths_of("open_device"); }
  ScriptedKernel kernel;
};

class ClosedDescriptors : public testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Of, ClosedDescriptors, testing::Range(0u, 8u));
TEST_P(ClosedDescriptors, AreOpenedInTheirOrderAndTheOthersLeft) {
  Machine machine(GetParam());
  ASSERT_EQ(open_standard_descriptors().error(), Error{});
  Paths expected;
  if ((GetParam() & 1) != 0) expected.emplace_back("/dev/full");
  if ((GetParam() & 2) != 0) expected.emplace_back("/dev/null");
  if ((GetParam() & 4) != 0) expected.emplace_back("/dev/null");
  EXPECT_EQ(machine.opened(), expected);
  for (int descriptor = 0; descriptor < 3; ++descriptor)
    EXPECT_FALSE(kernel::descriptor_flags(descriptor).failed());
}

Error unavailable(int descriptor, int error_number) {
  Error e = fault(Fault::kNoStandardDescriptor);
  e.object = descriptor == 0 ? "/dev/full" : "/dev/null";
  e.found = static_cast<uint64_t>(descriptor);
  e.error_number = error_number;
  return e;
}

TEST(StandardDescriptor, ThatCannotBeOpenedIsAnError) {
  Machine machine(2);
  machine.kernel.fail_after(0, EMFILE);
  EXPECT_EQ(open_standard_descriptors().error(), unavailable(1, EMFILE));
}
TEST(StandardDescriptor, MustBeTheDeviceOfThatName) {
  Machine machine(4);
  machine.kernel.add_device("/dev/null", kFull);
  EXPECT_EQ(open_standard_descriptors().error(), unavailable(2, ENXIO));
}
TEST(StandardDescriptor, WhoseStatusIsNotToBeHadIsAnError) {
  Machine machine(1);
  machine.kernel.fail_after(1, EIO);
  EXPECT_EQ(open_standard_descriptors().error(), unavailable(0, ENXIO));
}

}  // namespace
}  // namespace ldseal
