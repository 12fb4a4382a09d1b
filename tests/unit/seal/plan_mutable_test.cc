// Parts that an object wants to stay mutable: out of every range, by whole pages, and nothing else with them.
#include <algorithm>
#include <gtest/gtest.h>
#include <random>

#include "ldso/seal/plan.h"
#include "tests/lib_cc/planned.h"

namespace ldseal {
namespace {

using namespace testing_tools;

struct MutableCase {
  const char* name;
  std::vector<Phdr> mutable_parts;
  Lines expected;
};
// In a segment of text from 0x1000 to 0x6000.
const MutableCase kMutableCases[] = {
    {"AtTheBeginning",
     {gap(0x1000, 0x2000)},
     {"1000-2000 r-x text (mutable)", "2000-6000 r-x text"}},
    {"InTheMiddle",
     {gap(0x2000, 0x4000)},
     {"1000-2000 r-x text", "2000-4000 r-x text (mutable)", "4000-6000 r-x text"}},
    {"AtTheEnd", {gap(0x5000, 0x6000)}, {"1000-5000 r-x text", "5000-6000 r-x text (mutable)"}},
    {"All", {gap(0x1000, 0x6000)}, {"1000-6000 r-x text (mutable)"}},
    {"MoreThanAll", {gap(0, 0x100000)}, {"1000-6000 r-x text (mutable)"}},
    {"OfOneByte",
     {gap(0x2fff, 0x3000)},
     {"1000-2000 r-x text", "2000-3000 r-x text (mutable)", "3000-6000 r-x text"}},
    {"OverAPageBoundary",
     {gap(0x2fff, 0x3001)},
     {"1000-2000 r-x text", "2000-4000 r-x text (mutable)", "4000-6000 r-x text"}},
    {"BeginningBelow", {gap(0, 0x1001)}, {"1000-2000 r-x text (mutable)", "2000-6000 r-x text"}},
    {"JustBelow", {gap(0, 0x1000)}, {"1000-6000 r-x text"}},
    {"JustAbove", {gap(0x6000, 0x7000)}, {"1000-6000 r-x text"}},
    {"OfOpenBsdsType",
     {part(kOpenbsdMutable, 0x5000, 0x6000)},
     {"1000-5000 r-x text", "5000-6000 r-x text (mutable)"}},
    {"OfAnotherType", {part(PT_NOTE, 0x5000, 0x6000)}, {"1000-6000 r-x text"}},
    {"TwoApart",
     {gap(0x2000, 0x3000), gap(0x4000, 0x5000)},
     {"1000-2000 r-x text", "2000-3000 r-x text (mutable)", "3000-4000 r-x text",
      "4000-5000 r-x text (mutable)", "5000-6000 r-x text"}},
    {"TheHigherOneFirst",
     {gap(0x4000, 0x5000), gap(0x2000, 0x3000)},
     {"1000-2000 r-x text", "2000-3000 r-x text (mutable)", "3000-4000 r-x text",
      "4000-5000 r-x text (mutable)", "5000-6000 r-x text"}},
    {"TwoThatTouch",
     {gap(0x2000, 0x3000), gap(0x3000, 0x4000)},
     {"1000-2000 r-x text", "2000-3000 r-x text (mutable)", "3000-4000 r-x text (mutable)",
      "4000-6000 r-x text"}},
    {"TwoThatOverlap",
     {gap(0x2000, 0x4000), gap(0x3000, 0x5000)},
     {"1000-2000 r-x text", "2000-4000 r-x text (mutable)", "4000-5000 r-x text (mutable)",
      "5000-6000 r-x text"}},
    {"OneInAnother",
     {gap(0x3000, 0x4000), gap(0x2000, 0x5000)},
     {"1000-2000 r-x text", "2000-5000 r-x text (mutable)", "5000-6000 r-x text"}},
};

class PlannedMutable : public testing::TestWithParam<MutableCase> {};
INSTANTIATE_TEST_SUITE_P(Part, PlannedMutable, testing::ValuesIn(kMutableCases),
                         [](const auto& info) { return info.param.name; });
TEST_P(PlannedMutable, IsLeftOutByWholePages) {
  std::vector<Phdr> headers = {text(0x1000, 0x6000)};
  const auto& parts = GetParam().mutable_parts;
  headers.insert(headers.end(), parts.begin(), parts.end());
  EXPECT_EQ(open_lines(headers), GetParam().expected);
}

TEST(PlannedMutablePart, OverSeveralSegmentsIsLeftOutOfEach) {
  EXPECT_EQ(
      open_lines(
          {text(0, 0x2000), data(0x2000, 0x5000), relro(0x2000, 0x3000), gap(0x1000, 0x4000)}),
      (Lines{"0-1000 r-x text", "1000-2000 r-x text (mutable)", "2000-3000 r-- relro (mutable)",
             "3000-4000 rw- data (mutable)", "4000-5000 rw- data"}));
}
TEST(PlannedMutablePart, IsRoundedToThePagesOfThisProcess) {
  EXPECT_EQ(open_lines({text(0, 0x30000), gap(0x18000, 0x19000)}, k64),
            (Lines{"0-10000 r-x text", "10000-20000 r-x text (mutable)", "20000-30000 r-x text"}));
}
TEST(PlannedMutablePart, WithoutBytesLeavesNothingOut) {
  EXPECT_EQ(open_lines({text(0, 0x3000), gap(0x1000, 0x1000)}), Lines{"0-3000 r-x text"});
  EXPECT_EQ(open_lines({text(0, 0x3000), gap(0x1800, 0x1800)}), Lines{"0-3000 r-x text"});
}
TEST(PlannedMutablePart, OfLibrariesAreTheirOwn) {
  Planned plan({text(0, 0x1000), gap(0, 0x1000)}, Holes::kOpen);
  plan.add({text(0, 0x1000)});
  EXPECT_EQ(plan.lines(), (Lines{"0-1000 r-x text (mutable)", "0-1000 r-x text"}));
}

// Headers as nobody would write them, but that a page with writable bytes belongs to a writable
// segment: every page of a segment must be in exactly one range, and left as mutable if and only if a
// mutable part touches it.
class RandomObject {
 public:
  explicit RandomObject(unsigned seed) : random_(seed) {
    uint64_t at = up_to(0x3000);
    for (uint64_t i = 0, count = 1 + up_to(4); i < count; ++i) {
      constexpr uint32_t kFlags[] = {PF_R, PF_R | PF_X, PF_R | PF_W};
      uint32_t flags = kFlags[up_to(2)];
      if (!headers.empty() && (headers.back().p_flags & ~flags & PF_W) != 0) at = kSmall.up(at);
      uint64_t end = at + 1 + up_to(0x8000);
      headers.push_back(load(flags, at, end, end - (up_to(1) != 0 ? 0 : up_to(end - at))));
      at = end + (up_to(1) != 0 ? 0 : up_to(0x6000));
      end_ = end;
    }
    for (uint64_t i = up_to(5); i > 0; --i) {
      uint64_t start = up_to(end_ + 0x2000);
      headers.push_back(gap(start, start + 1 + up_to(0x3000)));
    }
    uint64_t start = headers[0].p_vaddr + up_to(end_ - headers[0].p_vaddr);
    headers.push_back(relro(start, start + up_to(end_ - start)));
  }

  // The class of a page: of the last segment that has bytes in it. "" where none has.
  std::string class_of(uint64_t page) const {
    const Phdr* owner = nullptr;
    for (const Phdr& ph : headers) {
      if (ph.p_type == PT_LOAD && touches(ph, page)) owner = &ph;
    }
    if (owner == nullptr) return "";
    if ((owner->p_flags & PF_W) == 0) return "text";
    const Phdr& r = headers.back();
    uint64_t from = kSmall.down(r.p_vaddr), to = kSmall.down(r.p_vaddr + r.p_memsz);
    return from <= page && page < to ? "relro" : "data";
  }
  bool is_mutable(uint64_t page) const {
    return std::any_of(headers.begin(), headers.end(), [&](const Phdr& ph) {
      return ph.p_type == kGnuMutable && touches(ph, page);
    });
  }
  uint64_t end() const { return end_ + 0x10000; }

  std::vector<Phdr> headers;

 private:
  static bool touches(const Phdr& ph, uint64_t page) {
    return ph.p_vaddr < page + kSmall.value && page < ph.p_vaddr + ph.p_memsz;
  }
  uint64_t up_to(uint64_t most) {
    return std::uniform_int_distribution<uint64_t>(0, most)(random_);
  }

  std::mt19937 random_;
  uint64_t end_ = 0;
};

TEST(PlannedModule, EveryPageOfEverySegmentIsInExactlyOneRange) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    RandomObject object(seed);
    Planned plan(object.headers, Holes::kOpen);
    std::map<uint64_t, const PlannedRange*> pages;
    for (const PlannedRange& r : plan->ranges()) {
      ASSERT_FALSE(r.range.empty());
      for (Address a = r.range.start; a < r.range.end; a = a + ByteCount(kSmall.value)) {
        ASSERT_TRUE(pages.emplace((a - kBias).value, &r).second)
            << seed << std::hex << ' ' << a.value;
      }
    }
    for (uint64_t page = 0; page < object.end(); page += kSmall.value) {
      auto range = pages.find(page);
      bool is_planned = range != pages.end();
      std::string kind(is_planned ? name_of(range->second->seal_class) : "");
      ASSERT_EQ(kind, object.class_of(page)) << seed << std::hex << ' ' << page;
      if (!is_planned) continue;
      Verdict expected = object.is_mutable(page) ? Verdict::kMutable : Verdict::kSealed;
      ASSERT_EQ(range->second->verdict, expected) << seed << std::hex << ' ' << page;
    }
  }
}

}  // namespace
}  // namespace ldseal
