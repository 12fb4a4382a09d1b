// What read_header accepts. What it refuses, and how: tests/damage.
#include "ldso/elf/header.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/elf_writer.h"
#include "tests/lib_cc/error_text.h"

namespace ldseal {
namespace {

using testing_tools::ElfImage;
using testing_tools::ObjectSpec;
using testing_tools::outcome;
using testing_tools::write_elf;

Error read(ElfImage& image, uint16_t machine = EM_X86_64) {
  ByteView bytes(image.bytes.data(), image.bytes.size());
  return outcome(read_header(bytes, ByteCount(image.bytes.size()), machine));
}

TEST(ReadHeader, AcceptsASharedObject) {
  ElfImage image = write_elf({});
  EXPECT_EQ(read(image), Error{});
}

TEST(ReadHeader, AcceptsAFixedProgram) {
  ObjectSpec spec;
  spec.type = ET_EXEC;
  ElfImage image = write_elf(spec);
  EXPECT_EQ(read(image), Error{});
}

TEST(ReadHeader, AcceptsGnuAsOperatingSystem) {
  ElfImage image = write_elf({});
  image.header().e_ident[EI_OSABI] = ELFOSABI_GNU;
  EXPECT_EQ(read(image), Error{});
}

TEST(ReadHeader, AcceptsTheMachineThatWasAskedFor) {
  ObjectSpec spec;
  spec.machine = EM_AARCH64;
  ElfImage image = write_elf(spec);
  EXPECT_EQ(read(image, EM_AARCH64), Error{});
}

TEST(ReadHeader, GivesTheFieldsAsTheyAre) {
  ElfImage image = write_elf({});
  image.header().e_entry = 0x1234;
  ByteView bytes(image.bytes.data(), image.bytes.size());
  auto header = read_header(bytes, ByteCount(image.bytes.size()), EM_X86_64);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->e_entry, 0x1234u);
  EXPECT_EQ(header->e_phoff, image.places.headers);
}

TEST(ReadHeader, NeedsOnlyTheFirstBytesOfTheFile) {
  ElfImage image = write_elf({});
  ByteView start(image.bytes.data(), sizeof(Ehdr));
  EXPECT_TRUE(read_header(start, ByteCount(image.bytes.size()), EM_X86_64));
}

TEST(ReadHeader, AcceptsProgramHeadersThatEndWithTheFile) {
  ElfImage image = write_elf({});
  ByteView start(image.bytes.data(), sizeof(Ehdr));
  uint64_t end = image.places.headers + image.header().e_phnum * sizeof(Phdr);
  EXPECT_TRUE(read_header(start, ByteCount(end), EM_X86_64));
  EXPECT_FALSE(read_header(start, ByteCount(end - 1), EM_X86_64));
}

TEST(IsForeign, AnotherMachineOrClassIs) {
  EXPECT_TRUE(is_foreign(fault(Fault::kBadMachine)));
  EXPECT_TRUE(is_foreign(fault(Fault::kBadClass)));
}

TEST(IsForeign, NothingElseIs) {
  for (int f = 0; f < static_cast<int>(Fault::kCount); ++f) {
    auto which = static_cast<Fault>(f);
    if (which == Fault::kBadMachine || which == Fault::kBadClass) continue;
    EXPECT_FALSE(is_foreign(fault(which))) << f;
  }
}

}  // namespace
}  // namespace ldseal
