// Populating is a hint: a kernel or a filter that refuses it is not asked again.
#include <cerrno>
#include <sys/mman.h>

#include "ldso/mem/mapping.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/loading.h"

namespace ldseal {
namespace {

using namespace testing_tools;

class AdvisedKernel : public AddressSpace {
 public:
  explicit AdvisedKernel(long answer) : answer_(answer) { kernel_.set_address_space(this); }
  long advise(AddressRange, int advice) override {
    populated += advice == MADV_POPULATE_WRITE;
    return answer_;
  }
  long mapping_at(Address, kernel::MappingStatus&) override { return -ENOTTY; }

  int populated = 0;

 private:
  ScriptedKernel kernel_;
  long answer_;
};

int times_asked_of_three(long answer) {
  AdvisedKernel kernel(answer);
  for (int i = 0; i < 3; ++i) populate_for_writing({Address(0x10000), Address(0x20000)});
  return kernel.populated;
}

TEST(PopulateDeathTest, IsAskedForEveryRange) {
  in_fresh_process([] { EXPECT_EQ(times_asked_of_three(0), 3); });
}

int times_asked_to_fill(uint64_t length) {
  AdvisedKernel kernel(0);
  populate_to_fill({Address(0x10000), Address(0x10000 + length)});
  return kernel.populated;
}

TEST(PopulateDeathTest, IsAskedForSmallRangesOnceThatIsAllowed) {
  constexpr uint64_t kPage = uint64_t{4} << 10, kLarge = uint64_t{64} << 10;
  in_fresh_process([=] {
    EXPECT_EQ(times_asked_to_fill(2 * kPage), 0);
    EXPECT_EQ(times_asked_to_fill(kLarge - kPage), 0);
    EXPECT_EQ(times_asked_to_fill(kLarge), 1);
    populate_small_ranges(PageSize{kPage});
    EXPECT_EQ(times_asked_to_fill(kPage), 0);
    EXPECT_EQ(times_asked_to_fill(2 * kPage), 1);
    EXPECT_EQ(times_asked_to_fill(kLarge), 1);
  });
}

TEST(PopulateDeathTest, IsNotAskedAgainWhereItIsRefusedForGood) {
  for (int refusal : {EINVAL, ENOSYS, EPERM}) {
    in_fresh_process([refusal] { EXPECT_EQ(times_asked_of_three(-refusal), 1); });
  }
}

TEST(PopulateDeathTest, IsAskedAgainWhereOneRangeFailed) {
  in_fresh_process([] { EXPECT_EQ(times_asked_of_three(-ENOMEM), 3); });
}

}  // namespace
}  // namespace ldseal
