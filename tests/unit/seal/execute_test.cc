// A plan carried out: as few calls as its layout allows, and what refusals leave behind.
#include "ldso/seal/execute.h"

#include <cerrno>
#include <gtest/gtest.h>

#include "tests/lib_cc/planned.h"
#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal {
namespace {

using namespace testing_tools;

class Apply : public testing::Test {
 protected:
  void seal() { outcome_ = seal_ranges(*plan_); }
  // "1000-3000" for each call, addresses as the headers have them.
  Lines calls() const {
    Lines all;
    for (AddressRange range : kernel_.sealed()) all.push_back(text_of(range));
    return all;
  }
  Lines runs() {
    Lines all;
    for (const SealedRun& run : listed()) all.push_back(text_of(run.range));
    return all;
  }
  List<SealedRun> listed() {
    List<SealedRun> list;
    list_runs(*plan_, list, arena_);
    return list;
  }

  // "1000 r-x" for each call by which it was seen whether seals hold.
  Lines proofs() const {
    Lines all;
    for (const ScriptedKernel::Protected& p : kernel_.protected_after_sealing()) {
      EXPECT_EQ(kSmall.up(p.length.value), kSmall.value);
      TextBuffer<100> text;
      text.hex_digits((p.start - kBias).value) << ((p.protection & PROT_READ) != 0 ? " r" : " -");
      text << ((p.protection & PROT_WRITE) != 0 ? 'w' : '-');
      text << ((p.protection & PROT_EXEC) != 0 ? 'x' : '-');
      all.push_back(text.c_str());
    }
    return all;
  }

  ScriptedKernel kernel_;
  Planned plan_;
  SealOutcome outcome_;

 private:
  static std::string text_of(AddressRange range) {
    TextBuffer<100> text;
    text.hex_digits((range.start - kBias).value) << '-';
    text.hex_digits((range.end - kBias).value);
    return text.c_str();
  }
  HeapArena arena_;
};

// Three runs of one, two and one ranges.
class ApplyThreeRuns : public Apply {
 protected:
  ApplyThreeRuns() {
    plan_.add({text(0, 0x1000), text(0x2000, 0x3000), load(PF_R, 0x3000, 0x4000, 0x4000),
               text(0x6000, 0x7000)});
  }
};

TEST_F(Apply, AnEmptyPlanMakesNoCall) {
  seal();
  EXPECT_EQ(calls(), Lines{});
  EXPECT_EQ(outcome_.ranges + outcome_.calls, 0u);
  EXPECT_EQ(outcome_.error_number, 0);
  EXPECT_EQ(outcome_.refused, nullptr);
}
TEST_F(Apply, ARangeIsOneCall) {
  plan_.add({text(0, 0x3000)});
  seal();
  EXPECT_EQ(calls(), Lines{"0-3000"});
}
TEST_F(Apply, NeighboursAreSealedTogether) {
  plan_.add({load(PF_R, 0, 0x1000, 0x1000), text(0x1000, 0x2000), data(0x2000, 0x4000),
             relro(0x2000, 0x3000)});
  seal();
  EXPECT_EQ(calls(), Lines{"0-4000"});
  EXPECT_EQ(outcome_.ranges, 4u);
  EXPECT_EQ(outcome_.calls, 1u);
}
TEST_F(Apply, NeighboursOfDifferentObjectsAreSealedTogether) {
  plan_.add({text(0, 0x1000)});
  plan_.add({text(0x1000, 0x2000)});
  seal();
  EXPECT_EQ(calls(), Lines{"0-2000"});
}
TEST_F(ApplyThreeRuns, AGapIsNotSealed) {
  seal();
  EXPECT_EQ(calls(), (Lines{"0-1000", "2000-4000", "6000-7000"}));
  EXPECT_EQ(outcome_.ranges, 4u);
  EXPECT_EQ(outcome_.calls, 3u);
}
TEST_F(Apply, WhatIsLeftBetweenNeighboursIsNotSealed) {
  plan_.add({text(0, 0x3000), gap(0x1000, 0x2000)});
  seal();
  EXPECT_EQ(calls(), (Lines{"0-1000", "2000-3000"}));
}
TEST_F(Apply, WhatIsLeftAtBothEndsIsNotSealed) {
  plan_.add({text(0, 0x3000), gap(0, 0x1000), gap(0x2000, 0x3000)});
  seal();
  EXPECT_EQ(calls(), Lines{"1000-2000"});
}
TEST_F(Apply, NothingIsAskedWhereAllIsLeft) {
  plan_.policy.wanted = 0;
  plan_.add({text(0, 0x3000), data(0x3000, 0x4000)});
  seal();
  EXPECT_EQ(calls(), Lines{});
  EXPECT_EQ(plan_.lines(), (Lines{"0-3000 r-x text (off)", "3000-4000 rw- data (off)"}));
}
TEST_F(ApplyThreeRuns, WhatIsSealedStaysMarkedSo) {
  Lines before = plan_.lines();
  seal();
  EXPECT_EQ(plan_.lines(), before);
  EXPECT_EQ(outcome_.error_number, 0);
  EXPECT_EQ(outcome_.refused, nullptr);
}

class ApplyRefusedForGood : public ApplyThreeRuns, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(By, ApplyRefusedForGood, testing::Values(ENOSYS, EPERM, EINVAL, EACCES));

TEST_P(ApplyRefusedForGood, TheFirstCallIsTheLast) {
  kernel_.fail_after(0, GetParam());
  seal();
  EXPECT_EQ(calls(), Lines{"0-1000"});
  EXPECT_EQ(outcome_.ranges + outcome_.calls, 0u);
}
TEST_P(ApplyRefusedForGood, EveryRangeIsMarked) {
  kernel_.fail_after(0, GetParam());
  seal();
  EXPECT_EQ(plan_.lines(), (Lines{"0-1000 r-x text (refused)", "2000-3000 r-x text (refused)",
                                  "3000-4000 r-- text (refused)", "6000-7000 r-x text (refused)"}));
}
TEST_P(ApplyRefusedForGood, TheErrorAndItsFirstRangeAreTold) {
  kernel_.fail_after(1, GetParam());
  seal();
  EXPECT_EQ(outcome_.error_number, GetParam());
  EXPECT_EQ(outcome_.refused, &plan_->ranges()[1]);
}
TEST_P(ApplyRefusedForGood, WhatWasSealedBeforeStaysMarkedSo) {
  kernel_.fail_after(1, GetParam());
  seal();
  EXPECT_EQ(calls(), (Lines{"0-1000", "2000-4000"}));
  EXPECT_EQ(plan_.lines(), (Lines{"0-1000 r-x text", "2000-3000 r-x text (refused)",
                                  "3000-4000 r-- text (refused)", "6000-7000 r-x text (refused)"}));
  EXPECT_EQ(outcome_.ranges, 1u);
  EXPECT_EQ(outcome_.calls, 1u);
}

TEST_F(ApplyThreeRuns, AGapInMemoryConcernsOneRunAlone) {
  kernel_.fail_after(1, ENOMEM);
  seal();
  EXPECT_EQ(calls(), (Lines{"0-1000", "2000-4000", "6000-7000"}));
  EXPECT_EQ(plan_.lines(), (Lines{"0-1000 r-x text", "2000-3000 r-x text (refused)",
                                  "3000-4000 r-- text (refused)", "6000-7000 r-x text"}));
}
TEST_F(ApplyThreeRuns, AGapInMemoryIsToldThoughOthersAreSealed) {
  kernel_.fail_after(0, ENOMEM);
  seal();
  EXPECT_EQ(outcome_.error_number, ENOMEM);
  EXPECT_EQ(outcome_.refused, &plan_->ranges()[0]);
  EXPECT_EQ(outcome_.ranges, 3u);
  EXPECT_EQ(outcome_.calls, 2u);
}
TEST_F(Apply, ARefusalLeavesTheReasonsOfOthers) {
  plan_.add({text(0, 0x1000), text(0x1000, 0x2000), gap(0x1000, 0x2000), text(0x2000, 0x3000)});
  kernel_.fail_after(0, ENOSYS);
  seal();
  EXPECT_EQ(plan_.lines(), (Lines{"0-1000 r-x text (refused)", "1000-2000 r-x text (mutable)",
                                  "2000-3000 r-x text (refused)"}));
}

TEST_F(ApplyThreeRuns, WhetherSealsHoldIsSeenByOneCall) {
  seal();
  EXPECT_TRUE(outcome_.holds);
  EXPECT_EQ(proofs(), Lines{"3000 r--"});
}
TEST_F(Apply, ItIsTriedOnDataRatherThanOnCode) {
  plan_.add({text(0, 0x3000), data(0x3000, 0x5000)});
  seal();
  EXPECT_EQ(proofs(), Lines{"3000 rw-"});
}
TEST_F(Apply, ItIsTriedOnCodeWhereThereIsNothingElse) {
  plan_.add({text(0, 0x1000), text(0x2000, 0x3000)});
  seal();
  EXPECT_EQ(proofs(), Lines{"0 r-x"});
}
TEST_F(Apply, ItIsTriedOnNothingThatIsLeft) {
  plan_.add({load(PF_R, 0, 0x1000, 0x1000), gap(0, 0x1000), text(0x1000, 0x2000)});
  seal();
  EXPECT_EQ(proofs(), Lines{"1000 r-x"});
}
TEST_F(ApplyThreeRuns, ItIsTriedOnNothingThatWasRefused) {
  kernel_.fail_after(1, ENOMEM);
  seal();
  EXPECT_TRUE(outcome_.holds);
  EXPECT_EQ(proofs(), Lines{"0 r-x"});
}
TEST_F(ApplyThreeRuns, ItIsNotTriedWhereNothingWasSealed) {
  kernel_.fail_after(0, ENOSYS);
  seal();
  EXPECT_TRUE(outcome_.holds);
  EXPECT_EQ(proofs(), Lines{});
}
TEST_F(ApplyThreeRuns, SealsThatDoNotHoldAreNone) {
  kernel_.only_pretend_to_seal();
  seal();
  EXPECT_FALSE(outcome_.holds);
  EXPECT_EQ(outcome_.ranges + outcome_.calls, 0u);
  EXPECT_EQ(plan_.lines(),
            (Lines{"0-1000 r-x text (not held)", "2000-3000 r-x text (not held)",
                   "3000-4000 r-- text (not held)", "6000-7000 r-x text (not held)"}));
  EXPECT_EQ(runs(), Lines{});
}
TEST_F(ApplyThreeRuns, WhatWasRefusedOrLeftIsNoSealThatDoesNotHold) {
  plan_.add({text(0x8000, 0x9000), gap(0x8000, 0x9000)});
  kernel_.only_pretend_to_seal();
  kernel_.fail_after(1, ENOMEM);
  seal();
  EXPECT_EQ(plan_.lines(), (Lines{"0-1000 r-x text (not held)", "2000-3000 r-x text (refused)",
                                  "3000-4000 r-- text (refused)", "6000-7000 r-x text (not held)",
                                  "8000-9000 r-x text (mutable)"}));
}
// Of another error nobody can know what it says about seals.
TEST_F(ApplyThreeRuns, OnlyTheAnswerOfASealCounts) {
  kernel_.fail_after(3, EACCES);
  seal();
  EXPECT_FALSE(outcome_.holds);
}

TEST_F(ApplyThreeRuns, RunsAreListedAsTheyAreSealed) {
  Lines listed = runs();
  seal();
  EXPECT_EQ(listed, calls());
}
TEST_F(Apply, RunsThatAreLeftAreNotListed) {
  plan_.add({text(0, 0x3000), gap(0x1000, 0x2000), load(PF_X, 0x3000, 0x4000, 0x4000)});
  EXPECT_EQ(runs(), (Lines{"0-1000", "2000-3000"}));
}
TEST_F(Apply, RunsAreAddedToTheListThatThereIs) {
  plan_.add({text(0, 0x1000)});
  List<SealedRun> list = listed();
  HeapArena arena;
  list_runs(*plan_, list, arena);
  EXPECT_EQ(list.size(), 2u);
}

TEST_F(ApplyThreeRuns, SealingAgainMakesTheSameCalls) {
  Lines listed_lines = runs();
  EXPECT_EQ(seal_again(listed()), 0);
  EXPECT_EQ(calls(), listed_lines);
}
TEST_F(ApplyThreeRuns, SealingAgainTriesEveryRunWhateverIsRefused) {
  kernel_.fail_after(0, EPERM);
  EXPECT_EQ(seal_again(listed()), EPERM);
  EXPECT_EQ(calls().size(), 3u);
}
TEST_F(ApplyThreeRuns, SealingAgainTellsARefusalThatIsNotTheFirstCalls) {
  kernel_.fail_after(2, ENOMEM);
  EXPECT_EQ(seal_again(listed()), ENOMEM);
}
TEST_F(ApplyThreeRuns, SealingAgainIsProvedOnce) {
  EXPECT_EQ(seal_again(listed()), 0);
  EXPECT_EQ(proofs(), Lines{"3000 r--"});
}
TEST_F(ApplyThreeRuns, SealingAgainTellsThatNothingHolds) {
  kernel_.only_pretend_to_seal();
  EXPECT_EQ(seal_again(listed()), EOPNOTSUPP);
}
TEST_F(Apply, SealingAgainIsBelievedWhereNothingIsConstant) {
  plan_.add({text(0, 0x1000), data(0x2000, 0x3000)});
  kernel_.only_pretend_to_seal();
  EXPECT_EQ(seal_again(listed()), 0);
  EXPECT_EQ(proofs(), Lines{});
}
TEST_F(ApplyThreeRuns, SealingAgainIsProvedByWhatWasNotRefused) {
  kernel_.fail_after(1, ENOMEM);
  kernel_.only_pretend_to_seal();
  EXPECT_EQ(seal_again(listed()), ENOMEM);
}
TEST_F(Apply, SealingNothingAgainIsNoError) {
  EXPECT_EQ(seal_again({}), 0);
  EXPECT_EQ(calls(), Lines{});
}

}  // namespace
}  // namespace ldseal
