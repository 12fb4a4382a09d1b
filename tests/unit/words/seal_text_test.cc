// The lines of LD_DEBUG=seal, as scripts read them.
#include "ldso/words/seal_text.h"

#include <cerrno>
#include <gtest/gtest.h>
#include <string>
#include <sys/mman.h>

#include "ldso/seal/plan.h"
#include "ldso/seal/system_mappings.h"

namespace ldseal {
namespace {

std::string line(const TraceLine& of) {
  TextBuffer<400> out;
  write_seal_line(out, of);
  return out.c_str();
}

std::string range(int protection, Verdict left, int error_number = 0) {
  return line({Event::kSealRange,
               {"text", "/lib/libfoo.so"},
               {0x7f0000001000, 0x7f000000f000, static_cast<uint64_t>(protection),
                static_cast<uint64_t>(left), static_cast<uint64_t>(error_number)}});
}
std::string left_line(Verdict left, int error_number = 0) {
  return range(PROT_READ, left, error_number);
}

constexpr const char* kLeft = "seal: 7f0000001000-7f000000f000 r-- text left /lib/libfoo.so (";

TEST(SealLine, OfASealedRange) {
  EXPECT_EQ(range(PROT_READ | PROT_EXEC, Verdict::kSealed),
            "seal: 7f0000001000-7f000000f000 r-x text sealed /lib/libfoo.so");
}
TEST(SealLine, HasEveryProtection) {
  const char* kProtections[] = {"---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx"};
  for (int p = 0; p < 8; ++p) {
    EXPECT_NE(range(p, Verdict::kSealed).find(std::string(" ") + kProtections[p] + " text"),
              std::string::npos)
        << p;
  }
}
TEST(SealLine, ASealedRangeHasNoErrorOfAnother) {
  EXPECT_EQ(range(PROT_READ, Verdict::kSealed, EPERM),
            "seal: 7f0000001000-7f000000f000 r-- text sealed /lib/libfoo.so");
}

struct Reason {
  Verdict left;
  const char* text;
};
class SealLineReason : public testing::TestWithParam<Reason> {};
INSTANTIATE_TEST_SUITE_P(
    Of, SealLineReason,
    testing::Values(Reason{Verdict::kClassOff, "class is off"}, Reason{Verdict::kExempt, "exempt"},
                    Reason{Verdict::kMutable, "mutable"},
                    Reason{Verdict::kUnreadable, "unreadable"},
                    Reason{Verdict::kChanging, "changes at run time"},
                    Reason{Verdict::kElsewhere, "in another namespace"},
                    Reason{Verdict::kNotHeld, "not held: mseal succeeds and seals nothing"}));
TEST_P(SealLineReason, IsInBrackets) {
  EXPECT_EQ(left_line(GetParam().left), std::string(kLeft) + GetParam().text + ")");
}
TEST_P(SealLineReason, HasNothingToDoWithMseal) {
  EXPECT_EQ(left_line(GetParam().left, ENOSYS), left_line(GetParam().left));
}

TEST(SealLine, OfARefusedRangeSaysWhatMsealAnswered) {
  EXPECT_EQ(left_line(Verdict::kRefused, ENOSYS),
            std::string(kLeft) + "mseal: Function not implemented)");
  EXPECT_EQ(left_line(Verdict::kRefused, EPERM),
            std::string(kLeft) + "mseal: Operation not permitted)");
}

std::string summary(uint64_t ranges, uint64_t calls, uint64_t error_number, uint64_t idle = 0) {
  return line({Event::kSealed, {}, {ranges, calls, error_number, idle}});
}

TEST(SealSummary, CountsRangesAndCalls) {
  EXPECT_EQ(summary(12, 5, 0), "seal: 12 ranges sealed in 5 calls");
}
TEST(SealSummary, SaysWhatWasRefusedBesides) {
  EXPECT_EQ(summary(12, 5, ENOMEM),
            "seal: 12 ranges sealed in 5 calls; not sealed: mseal: Cannot allocate memory");
}
TEST(SealSummary, OfNothingSealedBeginsWithThat) {
  EXPECT_EQ(summary(0, 0, ENOSYS), "seal: not sealed: mseal: Function not implemented");
}
TEST(SealSummary, SaysWhyNothingWasToBeSealed) {
  EXPECT_EQ(summary(0, 0, 0, 1), "seal: not sealed: the policy is off");
  EXPECT_EQ(summary(0, 0, 0, 2), "seal: not sealed: exempt");
  EXPECT_EQ(summary(0, 0, 0, 3), "seal: not sealed: rr records the process");
  EXPECT_EQ(summary(0, 0, 0, 4), "seal: not sealed: valgrind runs the process");
}
TEST(SealSummary, SaysThatNothingHolds) {
  EXPECT_EQ(summary(0, 0, 0, 5), "seal: not sealed: not held: mseal succeeds and seals nothing");
}
TEST(SealSummary, SaysWhatAFilterDoes) {
  EXPECT_EQ(summary(0, 0, 0, 6), "seal: not sealed: a seccomp filter kills for mseal");
  EXPECT_EQ(summary(0, 0, 0, 7), "seal: not sealed: a seccomp filter kills for madvise or mremap");
  EXPECT_EQ(summary(0, 0, 0, 8), "seal: not sealed: a seccomp filter may kill for mseal");
}
TEST(SealSummary, SaysThatThePlanHasNothingToSeal) {
  EXPECT_EQ(summary(0, 0, 0, 0), "seal: not sealed: nothing to seal");
}

std::string system(SystemMappingsMethod method, SystemMappingsDoubt doubt) {
  return line(
      {Event::kSealSystem, {}, {static_cast<uint64_t>(method), static_cast<uint64_t>(doubt)}});
}

TEST(SealSystem, SaysHowTheExtentsWereFound) {
  constexpr auto kNone = SystemMappingsDoubt::kNone;
  EXPECT_EQ(system(SystemMappingsMethod::kQuery, kNone), "vDSO and vvar: found by PROCMAP_QUERY");
  EXPECT_EQ(system(SystemMappingsMethod::kProcMaps, kNone),
            "vDSO and vvar: found by /proc/self/maps");
  EXPECT_EQ(system(SystemMappingsMethod::kAdvice, kNone), "vDSO and vvar: found by madvise");
}

struct Doubt {
  SystemMappingsDoubt doubt;
  const char* text;
};
class SealSystemDoubt : public testing::TestWithParam<Doubt> {};
INSTANTIATE_TEST_SUITE_P(
    Of, SealSystemDoubt,
    testing::Values(Doubt{SystemMappingsDoubt::kNoVdso, "the kernel gave none"},
                    Doubt{SystemMappingsDoubt::kForeign, "it is not a kernel's vDSO"},
                    Doubt{SystemMappingsDoubt::kBadImage, "it is no ELF image of this machine"},
                    Doubt{SystemMappingsDoubt::kDisagreement, "its extents are uncertain"},
                    Doubt{SystemMappingsDoubt::kTooLarge, "it is larger than any kernel's"},
                    Doubt{SystemMappingsDoubt::kNeighbour, "another mapping may touch it"},
                    Doubt{SystemMappingsDoubt::kNoMethod,
                          "neither /proc nor madvise tells its extents"}));
TEST_P(SealSystemDoubt, IsTold) {
  EXPECT_EQ(system(SystemMappingsMethod::kQuery, GetParam().doubt),
            std::string("vDSO and vvar: not sealed: ") + GetParam().text);
}
TEST_P(SealSystemDoubt, HasTheSameWordsInErrors) {
  EXPECT_STREQ(text_of_doubt(static_cast<uint64_t>(GetParam().doubt)), GetParam().text);
}

}  // namespace
}  // namespace ldseal
