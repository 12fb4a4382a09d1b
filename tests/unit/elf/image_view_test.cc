// Where an image can be read: one PT_LOAD, or several that follow on one another without a gap.
#include "ldso/elf/image_view.h"

#include <array>
#include <gtest/gtest.h>

namespace ldseal {
namespace {

constexpr size_t kRoom = 0x4000;

Phdr load(uint64_t offset, uint64_t address, uint64_t file_size, uint64_t memory_size,
          uint32_t flags = PF_R) {
  return {PT_LOAD, flags, offset, address, address, file_size, memory_size, 0x1000};
}

class ImageViewTest : public testing::Test {
 protected:
  ImageView memory(ProgramHeaders headers) const {
    return ImageView::of_memory(headers, LoadBias(Address(bytes_.data()).value));
  }
  ImageView file(ProgramHeaders headers) const {
    return ImageView::of_file(headers, Address(bytes_.data()));
  }
  const char* byte(size_t offset) const { return bytes_.data() + offset; }

  alignas(16) std::array<char, kRoom> bytes_ = {};
};

TEST_F(ImageViewTest, ARangeMayLieOverLoadsThatJoin) {
  const std::array<Phdr, 3> headers = {load(0, 0, 0x1000, 0x1000),
                                       load(0x1000, 0x1000, 0x800, 0x800),
                                       load(0x1800, 0x1800, 0x100, 0x100)};
  for (const ImageView& view : {memory(headers), file(headers)}) {
    EXPECT_EQ(view.at<const char>(Vaddr(0xff0), ByteCount(0x910)), byte(0xff0));
    EXPECT_EQ(view.available(Vaddr(0xff0)), ByteCount(0x910));
    EXPECT_EQ(view.at<const char>(Vaddr(0xff0), ByteCount(0x911)), nullptr);
    EXPECT_EQ(view.at<const char>(Vaddr(0xff0), ByteCount(UINT64_MAX)), nullptr);
  }
}

TEST_F(ImageViewTest, AGapEndsWhatCanBeRead) {
  const std::array<Phdr, 2> headers = {load(0, 0, 0xfff, 0xfff),
                                       load(0x1000, 0x1000, 0x800, 0x800)};
  EXPECT_EQ(memory(headers).available(Vaddr(0xff0)), ByteCount(0xf));
  EXPECT_EQ(memory(headers).at<const char>(Vaddr(0xff0), ByteCount(0x20)), nullptr);
}

TEST_F(ImageViewTest, ALoadThatCannotBeReadEndsIt) {
  const std::array<Phdr, 2> headers = {load(0, 0, 0x1000, 0x1000),
                                       load(0x1000, 0x1000, 0x800, 0x800, PF_W)};
  EXPECT_EQ(memory(headers).available(Vaddr(0xff0)), ByteCount(0x10));
  EXPECT_EQ(memory(headers).available(Vaddr(0x1000)), ByteCount(0));
}

TEST_F(ImageViewTest, InACopyOfTheFileItsBytesMustJoin) {
  const std::array<Phdr, 2> apart = {load(0, 0, 0x1000, 0x1000),
                                     load(0x2000, 0x1000, 0x800, 0x800)};
  EXPECT_EQ(memory(apart).available(Vaddr(0xff0)), ByteCount(0x810));
  EXPECT_EQ(file(apart).available(Vaddr(0xff0)), ByteCount(0x10));

  const std::array<Phdr, 2> zeroes = {load(0, 0, 0x800, 0x1000), load(0x800, 0x1000, 0x800, 0x800)};
  EXPECT_EQ(memory(zeroes).available(Vaddr(0x7f0)), ByteCount(0x1010));
  EXPECT_EQ(file(zeroes).available(Vaddr(0x7f0)), ByteCount(0x10));
}

}  // namespace
}  // namespace ldseal
