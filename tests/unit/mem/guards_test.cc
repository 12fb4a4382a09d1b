// Guard pages by effect, and kernels that have none, or say so.
#include "ldso/mem/guards.h"

#include <cerrno>
#include <sys/mman.h>
#include <vector>

#include "ldso/mem/mapping.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/loading.h"
#include "tests/lib_cc/memory_map.h"

namespace ldseal {
namespace {

using namespace testing_tools;

// A kernel that answers guards so, and any other advice as it should.
class GuardKernel : public AddressSpace {
 public:
  GuardKernel(long to_guards, long to_no_advice)
      : to_guards_(to_guards), to_no_advice_(to_no_advice) {
    kernel_.set_address_space(this);
  }
  long advise(AddressRange, int advice) override {
    asked.push_back(advice);
    return advice == kGuardInstall ? to_guards_ : to_no_advice_;
  }
  long mapping_at(Address, kernel::MappingStatus&) override { return -ENOTTY; }

  size_t asked_for_guards() const {
    return static_cast<size_t>(std::count(asked.begin(), asked.end(), kGuardInstall));
  }
  std::vector<int> asked;

 private:
  static constexpr int kGuardInstall = 102;  // MADV_GUARD_INSTALL
  ScriptedKernel kernel_;
  long to_guards_, to_no_advice_;
};

constexpr AddressRange kAnywhere{Address(0x10000), Address(0x20000)};

// Three pages of ours, filled.
Mapping three_pages() {
  auto mapping = Mapping::anonymous(ByteCount(3 * kPage));
  if (!mapping) throw std::runtime_error("no memory");
  std::memset(mapping->range().start.as<void>(), 'x', 3 * kPage);
  return std::move(*mapping);
}
AddressRange middle(const Mapping& mapping) {
  Address start = mapping.range().start + ByteCount(kPage);
  return {start, start + ByteCount(kPage)};
}

TEST(GuardsDeathTest, MakeTheirPagesInaccessible) {
  in_fresh_process([] {
    Mapping mapping = three_pages();
    ASSERT_TRUE(install_guards(middle(mapping)));
    EXPECT_FALSE(can_be_read(middle(mapping).start));
    EXPECT_FALSE(can_be_read(middle(mapping).end - ByteCount(1)));
  });
}
TEST(GuardsDeathTest, LeaveThePagesBesideThem) {
  in_fresh_process([] {
    Mapping mapping = three_pages();
    ASSERT_TRUE(install_guards(middle(mapping)));
    EXPECT_EQ(*(middle(mapping).start - ByteCount(1)).as<char>(), 'x');
    EXPECT_EQ(*middle(mapping).end.as<char>(), 'x');
  });
}
TEST(GuardsDeathTest, CostNoMappingOfTheirOwn) {
  in_fresh_process([] {
    Mapping mapping = three_pages();
    ASSERT_TRUE(install_guards(middle(mapping)));
    EXPECT_EQ(mapped_at(middle(mapping).start).flags, "rw-p");
  });
}
TEST(GuardsDeathTest, MayWorkUntilTheContraryIsKnown) {
  in_fresh_process([] { EXPECT_TRUE(guards_may_work()); });
}

TEST(GuardsDeathTest, WorkWhereTheKernelKnowsGuardsAndRefusesWhatItDoesNotKnow) {
  in_fresh_process([] {
    GuardKernel kernel(0, -EINVAL);
    EXPECT_TRUE(install_guards(kAnywhere));
    EXPECT_TRUE(guards_may_work());
  });
}
TEST(GuardsDeathTest, DoNotWorkWhereTheKernelAnswersNoughtToAnyAdvice) {
  in_fresh_process([] {
    GuardKernel kernel(0, 0);
    EXPECT_FALSE(install_guards(kAnywhere));
    EXPECT_FALSE(guards_may_work());
    EXPECT_EQ(kernel.asked_for_guards(), 0u);
  });
}
TEST(GuardsDeathTest, DoNotWorkWhereAFilterRefusesAllAdvice) {
  in_fresh_process([] {
    GuardKernel kernel(-EPERM, -EPERM);
    EXPECT_FALSE(install_guards(kAnywhere));
    EXPECT_FALSE(guards_may_work());
    EXPECT_EQ(kernel.asked_for_guards(), 0u);
  });
}
TEST(GuardsDeathTest, AreNotInstalledWhereTheKernelHasNone) {
  in_fresh_process([] {
    GuardKernel kernel(-EINVAL, -EINVAL);
    EXPECT_FALSE(install_guards(kAnywhere));
  });
}
TEST(GuardsDeathTest, MayWorkElsewhereThoughRefusedForOneMapping) {
  in_fresh_process([] {
    GuardKernel kernel(-EINVAL, -EINVAL);
    EXPECT_FALSE(install_guards(kAnywhere));
    EXPECT_TRUE(guards_may_work());
    EXPECT_FALSE(install_guards(kAnywhere));
    EXPECT_EQ(kernel.asked_for_guards(), 2u);
  });
}
TEST(GuardsDeathTest, AreDoubtedOnce) {
  in_fresh_process([] {
    GuardKernel kernel(0, -EINVAL);
    EXPECT_TRUE(install_guards(kAnywhere));
    size_t asked = kernel.asked.size();
    EXPECT_TRUE(install_guards(kAnywhere));
    EXPECT_EQ(kernel.asked.size(), asked + 1);
  });
}
TEST(GuardsDeathTest, ThatAreRemovedLeaveZeroedMemory) {
  in_fresh_process([] {
    Mapping mapping = three_pages();
    ASSERT_TRUE(install_guards(middle(mapping)));
    remove_guards(middle(mapping));
    EXPECT_EQ(*middle(mapping).start.as<char>(), 0);
    EXPECT_EQ(*middle(mapping).end.as<char>(), 'x');
  });
}
TEST(GuardsDeathTest, ThatAreNotThereAreRemovedWithoutHarm) {
  in_fresh_process([] {
    Mapping mapping = three_pages();
    remove_guards(mapping.range());
    EXPECT_EQ(*middle(mapping).start.as<char>(), 'x');
  });
}
TEST(GuardsDeathTest, HoldWhereTheKernelHasThem) {
  in_fresh_process([] {
    EXPECT_TRUE(guards_hold(PageSize{kPage}));
    EXPECT_TRUE(guards_may_work());
  });
}
TEST(GuardsDeathTest, HoldWhereAllNewMemoryIsLocked) {
  in_fresh_process([] {
    ASSERT_EQ(mlockall(MCL_FUTURE), 0);
    EXPECT_TRUE(guards_hold(PageSize{kPage}));
  });
}
TEST(GuardsDeathTest, DoNotHoldWhereTheKernelAcceptsThemAndDoesNothing) {
  in_fresh_process([] {
    GuardKernel kernel(0, -EINVAL);
    EXPECT_FALSE(guards_hold(PageSize{kPage}));
    EXPECT_FALSE(guards_may_work());
  });
}
TEST(GuardsDeathTest, DoNotHoldWhereTheKernelRefusesThem) {
  for (long answer : {-EINVAL, -EPERM, -ENOSYS}) {
    in_fresh_process([=] {
      GuardKernel kernel(answer, -EINVAL);
      EXPECT_FALSE(guards_hold(PageSize{kPage}));
    });
  }
}
TEST(GuardsDeathTest, ThatHoldAreNotDoubtedAgain) {
  in_fresh_process([] {
    ASSERT_TRUE(guards_hold(PageSize{kPage}));
    GuardKernel kernel(0, -EINVAL);
    EXPECT_TRUE(install_guards(kAnywhere));
    EXPECT_EQ(kernel.asked.size(), 1u);
  });
}
TEST(GuardsDeathTest, DoNotHoldWhereTheyAreForbidden) {
  in_fresh_process([] {
    forbid_guards();
    EXPECT_FALSE(guards_hold(PageSize{kPage}));
  });
}
TEST(GuardsDeathTest, LeaveNothingOfTheQuestionBehind) {
  in_fresh_process([] {
    ScriptedKernel kernel;
    EXPECT_TRUE(guards_hold(PageSize{kPage}));
    EXPECT_EQ(kernel.mapped_pages(), 0u);
  });
}
TEST(GuardsDeathTest, DoNotHoldWhereThereIsNoMemoryToAskWith) {
  in_fresh_process([] {
    ScriptedKernel kernel;
    kernel.fail_after(0, ENOMEM);
    EXPECT_FALSE(guards_hold(PageSize{kPage}));
  });
}
TEST(GuardsDeathTest, ThatAreForbiddenAreNotAskedFor) {
  in_fresh_process([] {
    GuardKernel kernel(0, -EINVAL);
    forbid_guards();
    EXPECT_FALSE(guards_may_work());
    EXPECT_FALSE(install_guards(kAnywhere));
    EXPECT_TRUE(kernel.asked.empty());
  });
}
TEST(GuardsDeathTest, AreForbiddenEvenWhenTheyWorked) {
  in_fresh_process([] {
    GuardKernel kernel(0, -EINVAL);
    ASSERT_TRUE(install_guards(kAnywhere));
    forbid_guards();
    EXPECT_FALSE(install_guards(kAnywhere));
  });
}

}  // namespace
}  // namespace ldseal
