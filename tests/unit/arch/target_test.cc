// Both machines' relocation types, one by one, as psABI x86-64 and AAELF64 name them; whichever machine this is.
#include "arch/aarch64/target.h"

#include <gtest/gtest.h>
#include <map>

#include "arch/x86_64/target.h"

namespace ldseal {
namespace {

using Kinds = std::map<uint32_t, RelocationKind>;
using enum RelocationKind;

const Kinds kX86_64 = {
    {R_X86_64_NONE, kNothing},       {R_X86_64_RELATIVE, kRelative},
    {R_X86_64_64, kAbsolute64},      {R_X86_64_32, kAbsolute32},
    {R_X86_64_PC64, kPcRelative64},  {R_X86_64_PC32, kPcRelative32},
    {R_X86_64_GLOB_DAT, kSlot},      {R_X86_64_JUMP_SLOT, kCallSlot},
    {R_X86_64_COPY, kCopy},          {R_X86_64_IRELATIVE, kIndirect},
    {R_X86_64_DTPMOD64, kTlsModule}, {R_X86_64_DTPOFF64, kTlsOffset},
    {R_X86_64_TPOFF64, kTlsThread},  {R_X86_64_TLSDESC, kTlsDescriptor},
    {R_X86_64_SIZE64, kSize64},      {R_X86_64_SIZE32, kSize32},
};

const Kinds kAarch64 = {
    {R_AARCH64_NONE, kNothing},
    {R_AARCH64_RELATIVE, kRelative},
    {R_AARCH64_ABS64, kAbsolute64},
    {R_AARCH64_ABS32, kAbsolute32},
    {R_AARCH64_ABS16, kAbsolute16},
    {R_AARCH64_PREL64, kPcRelative64},
    {R_AARCH64_PREL32, kPcRelative32},
    {R_AARCH64_PREL16, kPcRelative16},
    {R_AARCH64_GLOB_DAT, kSlot},
    {R_AARCH64_JUMP_SLOT, kCallSlot},
    {R_AARCH64_COPY, kCopy},
    {R_AARCH64_IRELATIVE, kIndirect},
    {R_AARCH64_TLS_DTPMOD, kTlsModule},
    {R_AARCH64_TLS_DTPREL, kTlsOffset},
    {R_AARCH64_TLS_TPREL, kTlsThread},
    {R_AARCH64_TLSDESC, kTlsDescriptor},
};

template <class Machine>
void expect_kinds(const Kinds& kinds) {
  constexpr uint32_t kBeyondEveryType = 2048;
  for (uint32_t type = 0; type < kBeyondEveryType; ++type) {
    auto named = kinds.find(type);
    EXPECT_EQ(Machine::kind(type), named == kinds.end() ? kUnknown : named->second)
        << "type " << type;
  }
  EXPECT_EQ(Machine::kind(UINT32_MAX), kUnknown);
}

TEST(TargetX86_64, NamesEveryRelocationAndNoOther) { expect_kinds<X86_64>(kX86_64); }
TEST(TargetAarch64, NamesEveryRelocationAndNoOther) { expect_kinds<Aarch64>(kAarch64); }

TEST(TargetX86_64, HasItsBlocksBelowTheThreadPointer) {
  EXPECT_EQ(X86_64::kTlsVariant, TlsVariant::kBelowThreadPointer);
  EXPECT_EQ(X86_64::kThreadHeader, 0u);
}
TEST(TargetAarch64, HasItsBlocksAboveTwoWordsAtTheThreadPointer) {
  EXPECT_EQ(Aarch64::kTlsVariant, TlsVariant::kAboveThreadPointer);
  EXPECT_EQ(Aarch64::kThreadHeader, 16u);
}

TEST(TargetX86_64, TheTypesLookedForAreOfTheirKinds) {
  EXPECT_EQ(X86_64::kind(X86_64::kRelativeType), kRelative);
  EXPECT_EQ(X86_64::kind(X86_64::kCopyType), kCopy);
  EXPECT_EQ(X86_64::kind(X86_64::kIrelativeType), kIndirect);
}
TEST(TargetAarch64, TheTypesLookedForAreOfTheirKinds) {
  EXPECT_EQ(Aarch64::kind(Aarch64::kRelativeType), kRelative);
  EXPECT_EQ(Aarch64::kind(Aarch64::kCopyType), kCopy);
  EXPECT_EQ(Aarch64::kind(Aarch64::kIrelativeType), kIndirect);
}

}  // namespace
}  // namespace ldseal
