#include "ldso/base/result.h"

#include <gtest/gtest.h>
#include <memory>

#include "tests/lib_cc/error_text.h"

namespace ldseal {
namespace {

TEST(Status, IsSuccessUntilItHoldsAnError) {
  EXPECT_TRUE(Status());
  EXPECT_FALSE(Status(fault(Fault::kBadMagic)));
}

TEST(Status, GivesItsErrorWhole) {
  Error e = testing_tools::error_in(Fault::kBadClass, "EI_CLASS", 1, 2);
  EXPECT_EQ(Status(e).error(), e);
}

TEST(Result, HoldsAValueOrAnError) {
  Result<int> good = 7;
  Result<int> bad = fault(Fault::kTooSmall);
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 7);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error(), fault(Fault::kTooSmall));
}

TEST(Result, MovesAValueThatCannotBeCopied) {
  Result<std::unique_ptr<int>> from = std::make_unique<int>(7);
  Result<std::unique_ptr<int>> to = std::move(from);
  ASSERT_TRUE(to);
  EXPECT_EQ(**to, 7);
}

TEST(Result, DestroysItsValueExactlyOnce) {
  struct Counted {
    explicit Counted(int& n) : count(&n) {}
    Counted(Counted&& other) noexcept : count(other.count) { other.count = nullptr; }
    ~Counted() {
      if (count != nullptr) ++*count;
    }
    int* count;
  };
  int destroyed = 0;
  {
    Result<Counted> first = Counted(destroyed);
    Result<Counted> second = std::move(first);
  }
  EXPECT_EQ(destroyed, 1);
}

}  // namespace
}  // namespace ldseal
