// Segments as ranges: which pages, which class, and why one is left.
#include "ldso/seal/plan.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/planned.h"

namespace ldseal {
namespace {

using namespace testing_tools;

TEST(PlannedModule, ConstantSegmentsAreTextWithTheirProtection) {
  EXPECT_EQ(open_lines({load(PF_R, 0, 0x1000, 0x1000), text(0x1000, 0x3000)}),
            (Lines{"0-1000 r-- text", "1000-3000 r-x text"}));
}
TEST(PlannedModule, RangesAreWholePages) {
  EXPECT_EQ(open_lines({text(0x10f0, 0x2001)}), Lines{"1000-3000 r-x text"});
}
TEST(PlannedModule, WritableSegmentsAreData) {
  EXPECT_EQ(open_lines({data(0x1000, 0x2000)}), Lines{"1000-2000 rw- data"});
}
TEST(PlannedModule, AWritableExecutableSegmentIsData) {
  EXPECT_EQ(open_lines({load(PF_R | PF_W | PF_X, 0, 0x1000, 0x1000)}), Lines{"0-1000 rwx data"});
}
TEST(PlannedModule, ZeroesBehindTheFileAreThere) {
  EXPECT_EQ(open_lines({load(PF_R | PF_W, 0x1000, 0x5001, 0x1800)}), Lines{"1000-6000 rw- data"});
}
TEST(PlannedModule, EmptySegmentsAreNowhere) {
  EXPECT_EQ(open_lines({text(0, 0x1000), data(0x1800, 0x1800), text(0x2000, 0x3000)}),
            (Lines{"0-1000 r-x text", "2000-3000 r-x text"}));
}
TEST(PlannedModule, EveryRangeHasTheObjectsName) {
  Planned plan({text(0, 0x1000), relro(0x1000, 0x2000), data(0x1000, 0x3000)}, Holes::kOpen);
  for (const PlannedRange& r : plan->ranges()) EXPECT_STREQ(r.object, "object");
}

TEST(PlannedRelro, IsReadOnlyAndTheRestIsData) {
  EXPECT_EQ(open_lines({data(0x1000, 0x4000), relro(0x1000, 0x3000)}),
            (Lines{"1000-3000 r-- relro", "3000-4000 rw- data"}));
}
TEST(PlannedRelro, AnEndWithinAPageIsData) {
  EXPECT_EQ(open_lines({data(0x1000, 0x4000), relro(0x1000, 0x2fff)}),
            (Lines{"1000-2000 r-- relro", "2000-4000 rw- data"}));
}
TEST(PlannedRelro, ABeginWithinAPageTakesThePage) {
  EXPECT_EQ(open_lines({data(0x1e00, 0x4000), relro(0x1e00, 0x3000)}),
            (Lines{"1000-3000 r-- relro", "3000-4000 rw- data"}));
}
TEST(PlannedRelro, MayLieWithinASegment) {
  EXPECT_EQ(open_lines({data(0x1000, 0x5000), relro(0x2000, 0x3000)}),
            (Lines{"1000-2000 rw- data", "2000-3000 r-- relro", "3000-5000 rw- data"}));
}
TEST(PlannedRelro, MayBeAllOfASegment) {
  EXPECT_EQ(open_lines({data(0x1000, 0x3000), relro(0x1000, 0x3000)}),
            Lines{"1000-3000 r-- relro"});
}
TEST(PlannedRelro, OfLessThanAPageIsNone) {
  EXPECT_EQ(open_lines({data(0x1000, 0x2000), relro(0x1000, 0x1ff0)}), Lines{"1000-2000 rw- data"});
}
TEST(PlannedRelro, IsInItsOwnSegmentOnly) {
  EXPECT_EQ(open_lines({data(0x1000, 0x2000), data(0x2000, 0x3000), relro(0x2000, 0x3000)}),
            (Lines{"1000-2000 rw- data", "2000-3000 r-- relro"}));
}
TEST(PlannedRelro, OverSeveralSegmentsIsInEach) {
  EXPECT_EQ(open_lines({data(0x1000, 0x2000), data(0x3000, 0x5000), relro(0x1000, 0x4000)}),
            (Lines{"1000-2000 r-- relro", "3000-4000 r-- relro", "4000-5000 rw- data"}));
}
TEST(PlannedRelro, OverAConstantSegmentLeavesItText) {
  EXPECT_EQ(open_lines({text(0x1000, 0x2000), relro(0x1000, 0x2000)}), Lines{"1000-2000 r-x text"});
}

TEST(PlannedClosable, IsOfTheClassDlopenAndLeftPieceByPiece) {
  Planned plan;
  plan.policy.wanted = kEveryClass & ~LDSEAL_CLASS_DLOPEN;
  plan->add_closable(plan.object({text(0, 0x1000), data(0x1000, 0x3000), relro(0x1000, 0x2000)}));
  EXPECT_EQ(plan.lines(), (Lines{"0-1000 r-x dlopen (off)", "1000-2000 r-- dlopen (off)",
                                 "2000-3000 rw- dlopen (off)"}));
}
TEST(PlannedClosable, SaysSoWhereASupervisorExemptsIt) {
  Planned plan;
  plan.policy.exempt = LDSEAL_CLASS_DLOPEN;
  plan->add_closable(plan.object({text(0, 0x1000)}));
  EXPECT_EQ(plan.lines(), Lines{"0-1000 r-x dlopen (exempt)"});
}
TEST(PlannedClosable, LeavesOthersAsTheyAre) {
  Planned plan({text(0, 0x1000)}, Holes::kOpen);
  plan.policy.wanted = LDSEAL_CLASS_TEXT;
  plan->add_closable(plan.object({text(0x2000, 0x3000)}));
  EXPECT_EQ(plan.lines(), (Lines{"0-1000 r-x text", "2000-3000 r-x dlopen (off)"}));
}

TEST(PlannedElsewhere, IsLeftWhateverThePolicyWants) {
  Planned plan;
  plan.policy.wanted = kEveryClass;
  plan->add_elsewhere(plan.object({text(0, 0x1000), data(0x1000, 0x3000), relro(0x1000, 0x2000)}));
  EXPECT_EQ(plan.lines(),
            (Lines{"0-1000 r-x dlopen (elsewhere)", "1000-2000 r-- dlopen (elsewhere)",
                   "2000-3000 rw- dlopen (elsewhere)"}));
}

TEST(PlannedHole, BehindAConstantSegmentIsCoveredWhereGuarded) {
  std::vector<Phdr> headers = {text(0, 0x1800), text(0x10000, 0x11000)};
  EXPECT_EQ(guarded_lines(headers), (Lines{"0-10000 r-x text", "10000-11000 r-x text"}));
  EXPECT_EQ(open_lines(headers), (Lines{"0-2000 r-x text", "10000-11000 r-x text"}));
}
TEST(PlannedHole, BehindASegmentOfRelroIsCoveredWhereGuarded) {
  std::vector<Phdr> headers = {data(0x1000, 0x3000), relro(0x1000, 0x3000), data(0x10000, 0x11000)};
  EXPECT_EQ(guarded_lines(headers), (Lines{"1000-10000 r-- relro", "10000-11000 rw- data"}));
  EXPECT_EQ(open_lines(headers), (Lines{"1000-3000 r-- relro", "10000-11000 rw- data"}));
}
TEST(PlannedHole, BehindASegmentPartlyOfRelroIsNotCovered) {
  EXPECT_EQ(guarded_lines({data(0x1000, 0x4000), relro(0x1000, 0x3000), data(0x10000, 0x11000)}),
            (Lines{"1000-3000 r-- relro", "3000-4000 rw- data", "10000-11000 rw- data"}));
}
TEST(PlannedHole, BehindDataIsNotCovered) {
  EXPECT_EQ(guarded_lines({data(0x1000, 0x2000), text(0x10000, 0x11000)}),
            (Lines{"1000-2000 rw- data", "10000-11000 r-x text"}));
}
TEST(PlannedHole, BehindConstantZeroesIsNotCovered) {
  EXPECT_EQ(guarded_lines({load(PF_R, 0, 0x2000, 0x800), text(0x10000, 0x11000)}),
            (Lines{"0-2000 r-- text", "10000-11000 r-x text"}));
}
TEST(PlannedHole, ReachesOverEmptySegments) {
  EXPECT_EQ(guarded_lines({text(0, 0x1000), data(0x3000, 0x3000), text(0x5000, 0x6000)}),
            (Lines{"0-5000 r-x text", "5000-6000 r-x text"}));
}
TEST(PlannedHole, EndsAtThePageInWhichTheNextSegmentBegins) {
  EXPECT_EQ(guarded_lines({text(0, 0x1000), text(0x5e00, 0x6000)}),
            (Lines{"0-5000 r-x text", "5000-6000 r-x text"}));
}
TEST(PlannedHole, ThereIsNoneBehindTheLastSegment) {
  EXPECT_EQ(guarded_lines({text(0x1000, 0x1001)}), Lines{"1000-2000 r-x text"});
}

TEST(PlannedPages, ASharedPageBelongsToTheLaterSegment) {
  EXPECT_EQ(open_lines({text(0, 0x1800), data(0x1800, 0x3000)}),
            (Lines{"0-1000 r-x text", "1000-3000 rw- data"}));
}
TEST(PlannedPages, ASegmentThatSharesItsOnlyPageIsNowhere) {
  EXPECT_EQ(open_lines({text(0, 0x800), data(0x800, 0x1000)}), Lines{"0-1000 rw- data"});
}

// An object linked for 64 KiB pages, as aarch64's are.
std::vector<Phdr> made_for_large_pages() {
  return {text(0, 0x1234), data(0x1ff00, 0x20018), relro(0x1ff00, 0x20000)};
}
// One linked for small pages.
std::vector<Phdr> made_for_small_pages() {
  return {load(PF_R, 0, 0x4800, 0x4800), text(0x5000, 0xa000), data(0xad00, 0x15000),
          relro(0xad00, 0xc000)};
}

TEST(PlannedPages, OfFourKibibytes) {
  EXPECT_EQ(open_lines(made_for_large_pages(), kSmall),
            (Lines{"0-2000 r-x text", "1f000-20000 r-- relro", "20000-21000 rw- data"}));
}
TEST(PlannedPages, OfSixteenKibibytes) {
  EXPECT_EQ(open_lines(made_for_large_pages(), k16),
            (Lines{"0-4000 r-x text", "1c000-20000 r-- relro", "20000-24000 rw- data"}));
}
TEST(PlannedPages, OfSixtyFourKibibytes) {
  EXPECT_EQ(open_lines(made_for_large_pages(), k64),
            (Lines{"0-10000 r-x text", "10000-20000 r-- relro", "20000-30000 rw- data"}));
}
TEST(PlannedPages, OfSixtyFourKibibytesNeedNoGuards) {
  EXPECT_EQ(guarded_lines(made_for_large_pages(), k64), open_lines(made_for_large_pages(), k64));
}
TEST(PlannedPages, LargerThanTheObjectWasMadeForTakeRelroAway) {
  EXPECT_EQ(open_lines(made_for_small_pages(), k16),
            (Lines{"0-4000 r-- text", "4000-8000 r-x text", "8000-c000 r-- relro",
                   "c000-18000 rw- data"}));
  EXPECT_EQ(open_lines(made_for_small_pages(), k64), Lines{"0-20000 rw- data"});
}

TEST(PlannedClass, ThatIsOffIsLeft) {
  Planned plan;
  plan.policy.wanted = LDSEAL_CLASS_RELRO;
  plan.add({text(0, 0x1000), data(0x1000, 0x3000), relro(0x1000, 0x2000)});
  EXPECT_EQ(plan.lines(),
            (Lines{"0-1000 r-x text (off)", "1000-2000 r-- relro", "2000-3000 rw- data (off)"}));
}
TEST(PlannedClass, ThatIsExemptIsLeft) {
  Planned plan;
  plan.policy.exempt = LDSEAL_CLASS_TEXT | LDSEAL_CLASS_DATA;
  plan.add({text(0, 0x1000), data(0x1000, 0x3000), relro(0x1000, 0x2000)});
  EXPECT_EQ(plan.lines(), (Lines{"0-1000 r-x text (exempt)", "1000-2000 r-- relro",
                                 "2000-3000 rw- data (exempt)"}));
}
TEST(PlannedClass, ThatIsOffIsNotCalledExempt) {
  Planned plan;
  plan.policy.wanted = 0;
  plan.policy.exempt = LDSEAL_CLASS_ALL;
  plan.add({text(0, 0x1000)});
  EXPECT_EQ(plan.lines(), Lines{"0-1000 r-x text (off)"});
}

TEST(PlannedUnreadable, CodeThatMayOnlyBeExecutedIsLeft) {
  EXPECT_EQ(open_lines({load(PF_X, 0, 0x1000, 0x1000)}), Lines{"0-1000 --x text (unreadable)"});
}
TEST(PlannedUnreadable, SegmentsWithoutAnyAccessAreLeft) {
  EXPECT_EQ(open_lines({load(0, 0, 0x1000, 0x1000)}), Lines{"0-1000 --- text (unreadable)"});
}
TEST(PlannedUnreadable, DataThatMayOnlyBeWrittenIsLeft) {
  EXPECT_EQ(open_lines({load(PF_W, 0, 0x1000, 0x1000)}), Lines{"0-1000 -w- data (unreadable)"});
}
TEST(PlannedUnreadable, RelroIsReadableWhateverItsSegmentIs) {
  EXPECT_EQ(open_lines({load(PF_W, 0, 0x2000, 0x2000), relro(0, 0x1000)}),
            (Lines{"0-1000 r-- relro", "1000-2000 -w- data (unreadable)"}));
}
TEST(PlannedUnreadable, WhatIsOffIsNotCalledUnreadable) {
  Planned plan;
  plan.policy.wanted = LDSEAL_CLASS_RELRO;
  plan.add({load(PF_X, 0, 0x1000, 0x1000)});
  EXPECT_EQ(plan.lines(), Lines{"0-1000 --x text (off)"});
}

}  // namespace
}  // namespace ldseal
