// What is asked of a seccomp filter, and what follows from the answer.
#include "ldso/seal/filter.h"

#include <cerrno>
#include <csignal>
#include <gtest/gtest.h>

#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal {
namespace {

using testing_tools::ScriptedKernel;

constexpr char kStatus[] = "/proc/self/status";

void count_filters(ScriptedKernel& kernel, const std::string& count) {
  std::string text = "Name:\tx\nSeccomp:\t2\nSeccomp_filters:\t" + count + "\nSpeculation:\t1\n";
  kernel.add_file(kStatus, {text.begin(), text.end()});
}

Policy at_start(ScriptedKernel& kernel, int child_ends, const std::string& count = "1") {
  kernel.set_filter(child_ends);
  count_filters(kernel, count);
  Policy policy;
  query_filter(policy);
  return policy;
}

SealFilter later(Policy policy) {
  query_filter_again(policy);
  return policy.filter;
}

TEST(QueryFilter, WithoutAFilterNoChildIsMade) {
  ScriptedKernel kernel;
  Policy policy;
  query_filter(policy);
  EXPECT_EQ(policy.filter, SealFilter::kNone);
  EXPECT_EQ(kernel.children(), 0u);
  EXPECT_TRUE(policy.seals(SealClass::kText));
}

TEST(QueryFilter, OneThatLetsTheChildLiveIsHarmless) {
  ScriptedKernel kernel;
  Policy policy = at_start(kernel, 0);
  EXPECT_EQ(policy.filter, SealFilter::kHarmless);
  EXPECT_EQ(kernel.children(), 1u);
  EXPECT_TRUE(policy.seals(SealClass::kText));
  ASSERT_EQ(kernel.sealed().size(), 1u);
  EXPECT_TRUE(kernel.sealed()[0].empty());
}

TEST(QueryFilter, OneThatKillsTheChildLeavesOnlyWhatNeedsNoSeal) {
  for (int ending : {SIGSYS, SIGSYS | 0x80, SIGKILL}) {
    ScriptedKernel kernel;
    kernel.set_filter(ending, 0);
    Policy policy;
    policy.wanted = LDSEAL_CLASS_ALL;
    policy.is_final = true;
    policy.final_classes = LDSEAL_CLASS_ALL;
    query_filter(policy);
    EXPECT_EQ(policy.filter, SealFilter::kKills);
    EXPECT_EQ(policy.sealed_classes(), LDSEAL_CLASS_GUARDS | LDSEAL_CLASS_WX);
  }
}

TEST(QueryFilter, OneThatKillsBothChildrenKillsForMore) {
  ScriptedKernel kernel;
  Policy policy = at_start(kernel, SIGSYS);
  EXPECT_EQ(policy.filter, SealFilter::kKillsForMore);
  EXPECT_EQ(kernel.children(), 2u);
  EXPECT_FALSE(policy.seals_anything());
}

TEST(QueryFilter, WithoutAChildNothingIsSealed) {
  ScriptedKernel kernel;
  Policy policy = at_start(kernel, -EAGAIN);
  EXPECT_EQ(policy.filter, SealFilter::kNotAsked);
  EXPECT_FALSE(policy.seals_anything());
}

TEST(CheckFilter, UnderRequireItIsAnError) {
  struct {
    int first, second;
    const char* text;
  } const cases[] = {{SIGSYS, 0, "a seccomp filter kills for mseal"},
                     {SIGSYS, SIGSYS, "a seccomp filter kills for madvise or mremap"},
                     {-EAGAIN, -EAGAIN, "a seccomp filter may kill for mseal"}};
  for (const auto& one : cases) {
    ScriptedKernel kernel;
    kernel.set_filter(one.first, one.second);
    Policy policy;
    query_filter(policy);
    EXPECT_TRUE(check_filter(policy, "program"));
    policy.is_required = true;
    Status s = check_filter(policy, "program");
    ASSERT_FALSE(s);
    EXPECT_EQ(s.error().fault, Fault::kCannotSeal);
    EXPECT_STREQ(s.error().object, "program");
    EXPECT_STREQ(s.error().name, one.text);
    policy.wanted = LDSEAL_CLASS_WX;
    EXPECT_TRUE(check_filter(policy, "program")) << "it needs no seal";
  }
}

TEST(QueryFilterAgain, TheAnswerOfStartUpCountsAsLongAsTheFiltersAreTheSame) {
  ScriptedKernel kernel;
  Policy policy = at_start(kernel, 0, "12");
  EXPECT_EQ(later(policy), SealFilter::kHarmless);
  count_filters(kernel, "13");
  EXPECT_EQ(later(policy), SealFilter::kNotAsked);
  EXPECT_EQ(kernel.children(), 1u);
}

TEST(QueryFilterAgain, AFilterThatCameLaterIsNotAsked) {
  ScriptedKernel kernel;
  Policy policy;
  query_filter(policy);
  EXPECT_EQ(later(policy), SealFilter::kNone);
  kernel.set_filter(0);
  count_filters(kernel, "1");
  EXPECT_EQ(later(policy), SealFilter::kNotAsked);
  EXPECT_EQ(kernel.children(), 0u);
}

TEST(QueryFilterAgain, FiltersThatCannotBeCountedMayBeOthers) {
  for (const char* count : {"0", "", "x"}) {
    ScriptedKernel kernel;
    Policy policy = at_start(kernel, 0, count);
    EXPECT_EQ(later(policy), SealFilter::kNotAsked) << count;
  }
  ScriptedKernel kernel;
  kernel.set_filter(0);
  Policy policy;
  query_filter(policy);
  EXPECT_EQ(policy.filters, 0u);
  EXPECT_EQ(later(policy), SealFilter::kNotAsked);
}

}  // namespace
}  // namespace ldseal
