// Each part of an image can be the one that ends last.
#include "ldso/elf/image_extent.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/elf_writer.h"
#include "tests/lib_cc/error_text.h"

namespace ldseal {
namespace {

using testing_tools::ElfImage;
using testing_tools::outcome;
using testing_tools::write_elf;

class ImageExtent : public testing::Test {
 protected:
  ImageExtent() {
    image_.segment(PT_GNU_STACK).p_type = PT_NULL;
    for (uint32_t type : {PT_LOAD, PT_DYNAMIC, PT_GNU_RELRO}) shorten(image_.segment(type));
    shorten(image_.data());
  }
  static void shorten(Phdr& ph) { ph.p_offset = ph.p_filesz = ph.p_memsz = 0; }
  Result<ByteCount> measure(uint16_t machine = EM_X86_64) {
    return image_extent(ByteView(image_.bytes.data(), image_.bytes.size()), machine);
  }
  uint64_t extent() {
    Result<ByteCount> measured = measure();
    EXPECT_TRUE(measured);
    return measured ? (*measured).value : 0;
  }
  uint64_t headers_end() { return image_.places.headers + image_.header().e_phnum * sizeof(Phdr); }
  ElfImage image_ = write_elf({});
};

TEST_F(ImageExtent, EndsWithTheProgramHeaders) { EXPECT_EQ(extent(), headers_end()); }

TEST_F(ImageExtent, EndsWithASegmentsFilePart) {
  image_.text().p_offset = 0x1000;
  image_.text().p_filesz = 0x522;
  EXPECT_EQ(extent(), 0x1522u);
}
TEST_F(ImageExtent, EndsWithASegmentsMemoryPart) {
  image_.text().p_offset = 0x1000;
  image_.text().p_filesz = 0x522;
  image_.text().p_memsz = 0x700;
  EXPECT_EQ(extent(), 0x1700u);
}
TEST_F(ImageExtent, EndsWithASegmentThatIsNotLoaded) {
  image_.segment(PT_DYNAMIC).p_offset = 0x2000;
  image_.segment(PT_DYNAMIC).p_filesz = 0x10;
  EXPECT_EQ(extent(), 0x2010u);
}
TEST_F(ImageExtent, EndsWithTheSectionTable) {
  image_.header().e_shoff = 0x1620;
  image_.header().e_shentsize = sizeof(Shdr);
  image_.header().e_shnum = 16;
  EXPECT_EQ(extent(), 0x1a20u);
}
TEST_F(ImageExtent, AnEmptySectionTableIsNoPart) {
  image_.header().e_shoff = 0x1620;
  EXPECT_EQ(extent(), headers_end());
}
TEST_F(ImageExtent, AddressesDoNotMatter) {
  image_.text().p_vaddr = 0xffffffffff700000;
  EXPECT_EQ(extent(), headers_end());
}

TEST_F(ImageExtent, ASegmentThatWrapsIsRefused) {
  image_.text().p_offset = UINT64_MAX;
  image_.text().p_memsz = 1;
  Error e = outcome(measure());
  EXPECT_EQ(e.fault, Fault::kSegmentWraps);
  EXPECT_STREQ(e.field, "p_offset");
  EXPECT_EQ(e.found, UINT64_MAX);
}
TEST_F(ImageExtent, ASectionTableThatWrapsIsRefused) {
  image_.header().e_shoff = UINT64_MAX;
  image_.header().e_shentsize = sizeof(Shdr);
  image_.header().e_shnum = 1;
  Error e = outcome(measure());
  EXPECT_EQ(e.fault, Fault::kTableOutside);
  EXPECT_STREQ(e.field, "e_shoff");
}
TEST_F(ImageExtent, AnotherMachinesImageIsRefused) {
  EXPECT_EQ(outcome(measure(EM_AARCH64)).fault, Fault::kBadMachine);
}
TEST_F(ImageExtent, ProgramHeadersOutsideTheBytesAreRefused) {
  ByteView start(image_.bytes.data(), headers_end() - 1);
  EXPECT_EQ(outcome(image_extent(start, EM_X86_64)).fault, Fault::kProgramHeadersOutside);
}

}  // namespace
}  // namespace ldseal
