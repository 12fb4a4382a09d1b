// What is asked of a supervisor, and whom the loader believes to be rr.
#include "ldso/seal/hatch.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal {
namespace {

using testing_tools::ScriptedKernel;

constexpr uint32_t kAskedFor = (LDSEAL_CLASS_STACK << 1) - 1;  // every class there is

uint32_t exempt_by(unsigned long supervisor, uint32_t wanted = Policy::kDefault) {
  ScriptedKernel kernel;
  kernel.set_exempt(supervisor);
  Policy policy;
  policy.wanted = wanted;
  query_exemptions(policy, LDSEAL_CLASS_ALL);
  EXPECT_EQ(policy.wanted, wanted);
  return policy.exempt;
}

TEST(QueryExemptions, WithoutASupervisorNothingIsExempt) { EXPECT_EQ(exempt_by(0), 0u); }
TEST(QueryExemptions, EveryClassIsAskedFor) { EXPECT_EQ(exempt_by(LDSEAL_CLASS_ALL), kAskedFor); }
TEST(QueryExemptions, EveryClassIsAskedForWhateverIsWantedSoFar) {
  EXPECT_EQ(exempt_by(LDSEAL_CLASS_ALL, 0), kAskedFor);
}
TEST(QueryExemptions, EachClassIsExemptAlone) {
  for (uint32_t c = 1; c <= LDSEAL_CLASS_STACK; c <<= 1) EXPECT_EQ(exempt_by(c), c);
}
TEST(QueryExemptions, ClassesThatThisLoaderDoesNotKnowAreNotAskedFor) {
  EXPECT_EQ(exempt_by(LDSEAL_CLASS_STACK << 1), 0u);
}
TEST(QueryExemptions, OnlyOfTheClassesThatMatterAnybodyIsAsked) {
  ScriptedKernel kernel;
  kernel.set_exempt(LDSEAL_CLASS_ALL);
  Policy policy;
  query_exemptions(policy, LDSEAL_CLASS_TEXT | LDSEAL_CLASS_SYSTEM);
  EXPECT_EQ(policy.exempt, LDSEAL_CLASS_TEXT | LDSEAL_CLASS_SYSTEM);
}
TEST(QueryExemptions, WhatIsExemptAlreadyStaysSo) {
  ScriptedKernel kernel;
  kernel.set_exempt(LDSEAL_CLASS_TEXT);
  Policy policy;
  policy.exempt = LDSEAL_CLASS_DATA;
  query_exemptions(policy, LDSEAL_CLASS_ALL);
  EXPECT_EQ(policy.exempt, LDSEAL_CLASS_TEXT | LDSEAL_CLASS_DATA);
}

enum class Recorder : bool { kAbsent, kPresent };

Policy heeding(Recorder recorder, bool says_recorded) {
  ScriptedKernel kernel;
  if (recorder == Recorder::kPresent) kernel.set_recorded();
  Policy policy;
  policy.exempt = LDSEAL_CLASS_DATA;
  detect_rr(policy, says_recorded);
  return policy;
}

TEST(DetectRr, ExemptsEverythingWhereTheEnvironmentSaysSoAndRrConfirmsIt) {
  Policy policy = heeding(Recorder::kPresent, true);
  EXPECT_TRUE(policy.is_recorded);
  EXPECT_EQ(policy.exempt, LDSEAL_CLASS_ALL);
}
TEST(DetectRr, DoesNotBelieveTheEnvironmentAlone) {
  Policy policy = heeding(Recorder::kAbsent, true);
  EXPECT_FALSE(policy.is_recorded);
  EXPECT_EQ(policy.exempt, LDSEAL_CLASS_DATA);
}
TEST(DetectRr, DoesNotAskWithoutTheEnvironmentsWord) {
  Policy policy = heeding(Recorder::kPresent, false);
  EXPECT_FALSE(policy.is_recorded);
  EXPECT_EQ(policy.exempt, LDSEAL_CLASS_DATA);
}

}  // namespace
}  // namespace ldseal
