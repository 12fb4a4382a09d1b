// The shapes of both machines' PLTs, as linkers write them, and what becomes of a stub that is
// bound; whichever machine this is.
#include "arch/aarch64/plt.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <initializer_list>
#include <vector>

#include "arch/x86_64/plt.h"

namespace ldseal {
namespace {

using Bytes = std::vector<unsigned char>;
constexpr uint64_t kAt = 0x1030;             // where a stub is
constexpr uint64_t kFar = 0x7f0000001234;    // farther than a jump reaches
constexpr uint64_t kNear = kAt + 0x1000000;  // not as far

Bytes words(std::initializer_list<uint32_t> instructions) {
  Bytes bytes;
  for (uint32_t i : instructions) {
    for (int shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<unsigned char>(i >> shift));
  }
  return bytes;
}

template <class Plt>
PltEntry read(const Bytes& code) {
  return Plt::read(std::span(code), kAt);
}

// jmp *0x2fca(%rip); push $0; jmp PLT0
const Bytes kPlt = {0xff, 0x25, 0xca, 0x2f, 0, 0, 0x68, 0, 0, 0, 0, 0xe9, 0xe0, 0xff, 0xff, 0xff};
// jmp *0x2fca(%rip); xchg %ax,%ax
const Bytes kPltGot = {0xff, 0x25, 0xca, 0x2f, 0, 0, 0x66, 0x90};
// endbr64; jmp *0x2fca(%rip); nopw
const Bytes kPltSec = {0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25, 0xca, 0x2f,
                       0,    0,    0x66, 0x0f, 0x1f, 0x44, 0,    0};
// endbr64; bnd jmp *0x2fca(%rip); nopl
const Bytes kPltSecBnd = {0xf3, 0x0f, 0x1e, 0xfa, 0xf2, 0xff, 0x25, 0xca,
                          0x2f, 0,    0,    0x0f, 0x1f, 0x44, 0,    0};
// endbr64; push $1; jmp PLT0; xchg %ax,%ax
const Bytes kLazy = {0xf3, 0x0f, 0x1e, 0xfa, 0x68, 1,    0,    0,
                     0,    0xe9, 0xd2, 0xff, 0xff, 0xff, 0x66, 0x90};
// endbr64; push $1; bnd jmp PLT0; nop
const Bytes kLazyBnd = {0xf3, 0x0f, 0x1e, 0xfa, 0x68, 1,    0,    0,
                        0,    0xf2, 0xe9, 0xd1, 0xff, 0xff, 0xff, 0x90};
// push; jmp *; nopl: the first entry of a PLT
const Bytes kPlt0 = {0xff, 0x35, 0xca, 0x2f, 0,    0,    0xff, 0x25,
                     0xcc, 0x2f, 0,    0,    0x0f, 0x1f, 0x40, 0};

struct Stub {
  const char* name;
  const Bytes& code;
  size_t jump_end;
};
const Stub kStubs[] = {
    {"plt", kPlt, 6}, {"got", kPltGot, 6}, {"sec", kPltSec, 10}, {"bnd", kPltSecBnd, 11}};

class X86_64Stub : public testing::TestWithParam<Stub> {
 public:
  Bytes code = GetParam().code;
};
INSTANTIATE_TEST_SUITE_P(Of, X86_64Stub, testing::ValuesIn(kStubs),
                         [](const auto& info) { return info.param.name; });

TEST_P(X86_64Stub, IsReadWithItsSlot) {
  PltEntry entry = read<X86Plt>(code);
  EXPECT_EQ(entry.kind, PltEntryKind::kStub);
  EXPECT_EQ(entry.length, code.size());
  EXPECT_EQ(entry.slot, kAt + GetParam().jump_end + 0x2fca);
}
TEST_P(X86_64Stub, IsNoneIfAnyByteOfItsShapeDiffers) {
  const size_t operand = GetParam().jump_end - 4;
  for (size_t i = 0; i < code.size(); ++i) {
    bool is_operand = i >= operand && i < GetParam().jump_end;
    bool is_free = GetParam().code == kPlt && i > 6 && i != 11;  // the index; the way to PLT0
    if (is_operand || is_free) continue;
    Bytes changed = code;
    changed[i] ^= 0x80;
    EXPECT_EQ(read<X86Plt>(changed).kind, PltEntryKind::kNone) << i;
  }
}
TEST_P(X86_64Stub, IsNoneIfItIsCutShort) {
  for (size_t size = 0; size < code.size(); ++size) {
    PltEntry entry = read<X86Plt>(Bytes(code.begin(), code.begin() + static_cast<long>(size)));
    EXPECT_EQ(entry.kind, PltEntryKind::kNone) << size;
  }
}
TEST_P(X86_64Stub, JumpsDirectlyToWhatIsNear) {
  ASSERT_TRUE(X86Plt::bind(code, kAt, kNear));
  auto jump = std::find(code.begin(), code.end(), 0xe9);
  size_t end = static_cast<size_t>(jump - code.begin()) + 5;
  uint64_t distance = kNear - (kAt + end);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_EQ(jump[1 + static_cast<long>(i)], (distance >> (8 * i)) & 0xff);
  EXPECT_TRUE(std::all_of(jump + 5, code.end(), [](unsigned char c) { return c == 0xcc; }));
}
TEST_P(X86_64Stub, KeepsItsLandingPad) {
  ASSERT_TRUE(X86Plt::bind(code, kAt, kNear));
  if (GetParam().code[0] == 0xf3) {
    EXPECT_TRUE(std::equal(code.begin(), code.begin() + 4, kPltSec.begin()));
  }
}
TEST_P(X86_64Stub, ReadsAnotherWordWhenItIsRepointed) {
  ASSERT_TRUE(X86Plt::repoint(code, kAt, 0x900));
  EXPECT_EQ(read<X86Plt>(code).slot, 0x900u);
}
TEST_P(X86_64Stub, IsNotRepointedToWhatIsTooFar) {
  EXPECT_FALSE(X86Plt::repoint(code, kAt, kFar));
  EXPECT_EQ(code, GetParam().code);
}

TEST(X86Plt, AStubWithRoomHoldsAFarTargetItself) {
  Bytes code = kPlt;
  ASSERT_TRUE(X86Plt::bind(code, kAt, kFar));
  EXPECT_EQ(code, (Bytes{0xff, 0x25, 0, 0, 0, 0, 0x34, 0x12, 0, 0, 0, 0x7f, 0, 0, 0xff, 0xff}));
}
TEST(X86Plt, AStubWithoutRoomDoesNot) {
  for (const Bytes* stub : {&kPltGot, &kPltSec, &kPltSecBnd}) {
    Bytes code = *stub;
    EXPECT_FALSE(X86Plt::bind(code, kAt, kFar));
    EXPECT_EQ(code, *stub);
  }
}
TEST(X86Plt, TheReachOfAJumpIs2GiBEitherWay) {
  for (uint64_t distance : {uint64_t{0x7fffffff}, uint64_t{0} - 0x80000000}) {
    Bytes code = kPltSec;
    EXPECT_TRUE(X86Plt::bind(code, kAt, kAt + 9 + distance));
    code = kPltSec;
    uint64_t beyond = static_cast<int64_t>(distance) < 0 ? distance - 1 : distance + 1;
    EXPECT_FALSE(X86Plt::bind(code, kAt, kAt + 9 + beyond));
  }
}
TEST(X86Plt, EntriesForLazyBindingAreNoStubs) {
  for (const Bytes* lazy : {&kLazy, &kLazyBnd}) {
    EXPECT_EQ(read<X86Plt>(*lazy).kind, PltEntryKind::kLazy);
    EXPECT_EQ(read<X86Plt>(*lazy).length, 16u);
  }
}
TEST(X86Plt, TheFirstEntryIsNone) { EXPECT_EQ(read<X86Plt>(kPlt0).kind, PltEntryKind::kNone); }
TEST(X86Plt, ACallThroughASlotThatIsOtherCodeIsNone) {
  Bytes code = {0xff, 0x25, 0xca, 0x2f, 0,    0,    0x48, 0x89,
                0xc3, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90};
  EXPECT_EQ(read<X86Plt>(code).kind, PltEntryKind::kNone);
}

// adrp x16, 0x20000; ldr x17, [x16, #8]; add x16, x16, #8; br x17; at 0x1030
const Bytes kAarch64Stub = words({0xf00000f0, 0xf9400611, 0x91002210, 0xd61f0220});

TEST(Aarch64Plt, AStubIsReadWithItsSlot) {
  PltEntry entry = read<Aarch64Plt>(kAarch64Stub);
  EXPECT_EQ(entry.kind, PltEntryKind::kStub);
  EXPECT_EQ(entry.length, 16u);
  EXPECT_EQ(entry.slot, 0x20008u);
}
TEST(Aarch64Plt, ASlotMayLieBelowTheCode) {
  Bytes code = words({0xf0fffff0, 0xf9400611, 0x91002210, 0xd61f0220});  // adrp x16, -0x1000
  EXPECT_EQ(read<Aarch64Plt>(code).slot, 0x8u);
}
TEST(Aarch64Plt, OtherRegistersMakeItNone) {
  for (size_t word = 0; word < 4; ++word) {
    Bytes code = kAarch64Stub;
    code[4 * word + (word == 3 ? 1 : 0)] ^= word == 3 ? 0x10 : 1;
    EXPECT_EQ(read<Aarch64Plt>(code).kind, PltEntryKind::kNone) << word;
  }
}
TEST(Aarch64Plt, LoadAndAddMustMeanTheSameSlot) {
  Bytes code = words({0xf00000f0, 0xf9400611, 0x91004210, 0xd61f0220});
  EXPECT_EQ(read<Aarch64Plt>(code).kind, PltEntryKind::kNone);
}
TEST(Aarch64Plt, AStubThatAuthenticatesIsNone) {
  Bytes code = words({0xf00000f0, 0xf9400611, 0x91002210, 0xd503219f, 0xd61f0220});
  EXPECT_EQ(read<Aarch64Plt>(code).kind, PltEntryKind::kNone);
}
TEST(Aarch64Plt, CutShortItIsNone) {
  EXPECT_EQ(read<Aarch64Plt>(Bytes(kAarch64Stub.begin(), kAarch64Stub.end() - 1)).kind,
            PltEntryKind::kNone);
}
TEST(Aarch64Plt, ABoundStubHoldsItsTarget) {
  Bytes code = kAarch64Stub;
  ASSERT_TRUE(Aarch64Plt::bind(code, kAt, kFar));
  EXPECT_EQ(code, words({0x58000051, 0xd61f0220, 0x00001234, 0x00007f00}));
}

}  // namespace
}  // namespace ldseal
