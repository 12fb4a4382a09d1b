// What is no library: a program that relocates itself, the kernel's mappings, the loader. Then the order of it all.
#include <algorithm>
#include <gtest/gtest.h>
#include <random>

#include "ldso/seal/plan.h"
#include "tests/lib_cc/planned.h"

namespace ldseal {
namespace {

using namespace testing_tools;

TEST(PlannedText, IsTheCodeOfAnObjectAndNothingElse) {
  Planned plan;
  plan->add_text(plan.object({load(PF_R, 0, 0x1000, 0x1000), text(0x1000, 0x2000),
                              data(0x2000, 0x4000), relro(0x2000, 0x3000)}));
  EXPECT_EQ(plan.lines(), (Lines{"0-1000 r-- text", "1000-2000 r-x text"}));
}

TEST(PlannedSystem, MappingsHaveTheirNamesAndProtection) {
  Planned plan;
  SystemMappings found;
  found.list[0] = {{Vaddr(0x1000) + kBias, Vaddr(0x5000) + kBias}, PROT_READ, "[vvar]"};
  found.list[1] = {{Vaddr(0x5000) + kBias, Vaddr(0x7000) + kBias}, PROT_READ | PROT_EXEC, "[vdso]"};
  found.count = 2;
  plan->add_system(found);
  EXPECT_EQ(plan.lines(), (Lines{"1000-5000 r-- system", "5000-7000 r-x system"}));
  EXPECT_STREQ(plan->ranges()[0].object, "[vvar]");
  EXPECT_STREQ(plan->ranges()[1].object, "[vdso]");
}
TEST(PlannedSystem, MappingsThatAreNotKnownAreNotPlanned) {
  Planned plan;
  plan->add_system(SystemMappings());
  EXPECT_EQ(plan.lines(), Lines{});
}
TEST(PlannedSystem, MappingsAreExemptAsAClass) {
  Planned plan;
  plan.policy.exempt = LDSEAL_CLASS_SYSTEM;
  SystemMappings found;
  found.list[0] = {{Vaddr(0x1000) + kBias, Vaddr(0x5000) + kBias}, PROT_READ, "[vvar]"};
  found.count = 1;
  plan->add_system(found);
  EXPECT_EQ(plan.lines(), Lines{"1000-5000 r-- system (exempt)"});
}

AddressRange pages(uint64_t start, uint64_t end) {
  return {Vaddr(start) + kBias, Vaddr(end) + kBias};
}

// The loader: text to 0x2000, variables from there to 0x8000.
class PlannedLoader : public testing::Test {
 protected:
  Lines with(const std::vector<AddressRange>& final_pages) {
    plan_->add_loader(plan_.object({text(0, 0x2000), data(0x2000, 0x8000)}), {}, final_pages);
    return plan_.lines();
  }
  Planned plan_;
};

TEST_F(PlannedLoader, ChangesAllThatIsNotFinal) {
  EXPECT_EQ(with({}), (Lines{"0-2000 r-x text", "2000-8000 rw- loader (changing)"}));
}
TEST_F(PlannedLoader, SealsItsFinalPages) {
  EXPECT_EQ(with({pages(0x4000, 0x5000)}),
            (Lines{"0-2000 r-x text", "2000-4000 rw- loader (changing)",
                   "5000-8000 rw- loader (changing)", "4000-5000 r-- loader"}));
}
TEST_F(PlannedLoader, SealsFinalPagesThatLieElsewhere) {
  EXPECT_EQ(with({pages(0x4000, 0x8000), pages(0x100000, 0x200000)}),
            (Lines{"0-2000 r-x text", "2000-4000 rw- loader (changing)", "4000-8000 r-- loader",
                   "100000-200000 r-- loader"}));
}
TEST_F(PlannedLoader, SealsAllWhereAllIsFinal) {
  EXPECT_EQ(with({pages(0x2000, 0x8000)}), (Lines{"0-2000 r-x text", "2000-8000 r-- loader"}));
}
TEST_F(PlannedLoader, ChangesWhatLiesBetweenItsFinalPages) {
  EXPECT_EQ(with({pages(0x3000, 0x4000), pages(0x5000, 0x7000)}),
            (Lines{"0-2000 r-x text", "2000-3000 rw- loader (changing)",
                   "4000-5000 rw- loader (changing)", "7000-8000 rw- loader (changing)",
                   "3000-4000 r-- loader", "5000-7000 r-- loader"}));
}
TEST_F(PlannedLoader, IsExemptAsAClassButItsTextIsText) {
  plan_.policy.exempt = LDSEAL_CLASS_LOADER;
  EXPECT_EQ(with({pages(0x2000, 0x8000)}),
            (Lines{"0-2000 r-x text", "2000-8000 r-- loader (exempt)"}));
}

// Sorted, and still the same ranges.
void expect_sorted(std::vector<uint64_t> starts) {
  HeapArena arena;
  Policy policy;
  Plan plan(policy, kSmall, arena);
  for (uint64_t start : starts) {
    Phdr ph = text(start, start + kSmall.value);
    Segments segments;
    segments.headers = {&ph, 1};
    plan.add_object({segments, LoadBias(0), "", false});
  }
  plan.sort();
  std::sort(starts.begin(), starts.end());
  std::vector<uint64_t> sorted;
  for (const PlannedRange& r : plan.ranges()) {
    sorted.push_back(r.range.start.value);
    EXPECT_EQ(r.range.length().value, kSmall.value);
  }
  EXPECT_EQ(sorted, starts);
}
std::vector<uint64_t> ascending(size_t count) {
  std::vector<uint64_t> starts;
  for (size_t i = 1; i <= count; ++i) starts.push_back(i * 3 * kSmall.value);
  return starts;
}

TEST(PlanSort, OrdersFewAndManyRanges) {
  for (size_t count = 0; count < 50; ++count) {
    std::vector<uint64_t> starts = ascending(count);
    expect_sorted(starts);
    std::reverse(starts.begin(), starts.end());
    expect_sorted(starts);
  }
}
TEST(PlanSort, OrdersThousandsInAnyOrder) {
  std::vector<uint64_t> starts = ascending(20000);
  expect_sorted(starts);
  std::reverse(starts.begin(), starts.end());
  expect_sorted(starts);
  std::mt19937 random(1);
  std::shuffle(starts.begin(), starts.end(), random);
  expect_sorted(starts);
}

}  // namespace
}  // namespace ldseal
