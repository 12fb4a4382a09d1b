// What inspect_segments accepts and says of it. What it refuses, and how: tests/damage.
#include "ldso/elf/segments.h"

#include <gtest/gtest.h>
#include <vector>

#include "tests/lib_cc/error_text.h"

namespace ldseal {
namespace {

using testing_tools::outcome;

constexpr PageSize kSmallPages{0x1000};
constexpr PageSize kLargePages{0x10000};
constexpr ByteCount kFile(0x100000);

Phdr load(uint64_t offset, uint64_t address, uint64_t file_size, uint64_t memory_size,
          uint64_t alignment = 0x1000) {
  return {PT_LOAD, PF_R, offset, address, address, file_size, memory_size, alignment};
}
Phdr other(uint32_t type, uint64_t address, uint64_t size, uint64_t alignment = 8) {
  return {type, PF_R, address, address, address, size, size, alignment};
}

Result<Segments> inspect(const std::vector<Phdr>& headers, PageSize page = kSmallPages) {
  return inspect_segments({headers.data(), headers.size()}, SegmentSource::kFile, kFile, page);
}

TEST(InspectSegments, SpanGoesFromTheFirstPageToTheEndOfTheLast) {
  std::vector<Phdr> headers = {load(0x10, 0x1010, 0x100, 0x100),
                               load(0x2010, 0x5010, 0x10, 0x2000)};
  auto segments = inspect(headers);
  ASSERT_TRUE(segments);
  EXPECT_EQ(segments->start, Vaddr(0x1000));
  EXPECT_EQ(segments->end, Vaddr(0x8000));
}

TEST(InspectSegments, SpanIsRoundedToThePagesOfThisProcess) {
  std::vector<Phdr> headers = {load(0x10, 0x10010, 0x100, 0x100, 0x10000)};
  auto segments = inspect(headers, kLargePages);
  ASSERT_TRUE(segments);
  EXPECT_EQ(segments->start, Vaddr(0x10000));
  EXPECT_EQ(segments->end, Vaddr(0x20000));
}

TEST(InspectSegments, AlignmentIsTheLargestThatTheOffsetsKeep) {
  std::vector<Phdr> headers = {load(0, 0, 0x100, 0x100, 0x1000),
                               load(0, 0x200000, 0x100, 0x100, 0x200000)};
  auto segments = inspect(headers);
  ASSERT_TRUE(segments);
  EXPECT_EQ(segments->alignment, 0x200000u);
}

TEST(InspectSegments, StackIsExecutableIfItsHeaderSaysSo) {
  std::vector<Phdr> headers = {load(0, 0, 0x100, 0x100), other(PT_GNU_STACK, 0, 0)};
  ASSERT_TRUE(inspect(headers));
  EXPECT_FALSE(asks_for_executable_stack(*inspect(headers)));
  headers[1].p_flags = PF_R | PF_W | PF_X;
  ASSERT_TRUE(inspect(headers));
  EXPECT_TRUE(asks_for_executable_stack(*inspect(headers)));
}

TEST(InspectSegments, StackIsNotExecutableWithoutAHeader) {
  std::vector<Phdr> headers = {load(0, 0, 0x100, 0x100)};
  ASSERT_TRUE(inspect(headers));
  EXPECT_EQ(inspect(headers)->stack, nullptr);
  EXPECT_FALSE(asks_for_executable_stack(*inspect(headers)));
}

TEST(InspectSegments, AlignmentThatTheOffsetsDoNotKeepIsNotMeant) {
  std::vector<Phdr> headers = {load(0x1000, 0x2000, 0x100, 0x100, 0x200000)};
  auto segments = inspect(headers);
  ASSERT_TRUE(segments);
  EXPECT_EQ(segments->alignment, 0x1000u);
}

TEST(InspectSegments, AlignmentIsNeverBelowThePageSize) {
  std::vector<Phdr> headers = {load(0, 0, 0x100, 0x100, 0)};
  auto segments = inspect(headers);
  ASSERT_TRUE(segments);
  EXPECT_EQ(segments->alignment, 0x1000u);
}

TEST(InspectSegments, SegmentsMayTouch) {
  EXPECT_EQ(outcome(inspect({load(0, 0, 0x1000, 0x1000), load(0x1000, 0x1000, 0x10, 0x10)})),
            Error{});
}

TEST(InspectSegments, SegmentsMayShareAPage) {
  EXPECT_EQ(outcome(inspect({load(0, 0, 0x10, 0x10), load(0x10, 0x10, 0x10, 0x10)})), Error{});
}

TEST(InspectSegments, SegmentMayEndWithTheFile) {
  EXPECT_EQ(outcome(inspect({load(0, 0, kFile.value, kFile.value)})), Error{});
}

TEST(InspectSegments, FileSizeIsNotLookedAtForWhatIsInMemory) {
  std::vector<Phdr> headers = {load(0x200000, 0, 0x100, 0x100)};
  auto segments =
      inspect_segments({headers.data(), 1}, SegmentSource::kMemory, ByteCount(0), kSmallPages);
  EXPECT_EQ(outcome(segments), Error{});
}

TEST(InspectSegments, EveryOtherHeaderIsNoted) {
  std::vector<Phdr> headers = {other(PT_PHDR, 0x40, 0x100),
                               other(PT_INTERP, 0x200, 0x10, 1),
                               load(0, 0, 0x1000, 0x1000),
                               other(PT_DYNAMIC, 0x300, 0x100),
                               other(PT_TLS, 0x400, 0x10, 8),
                               other(PT_GNU_RELRO, 0x300, 0x100, 1),
                               other(PT_GNU_EH_FRAME, 0x500, 0x10, 4)};
  auto segments = inspect(headers);
  ASSERT_TRUE(segments);
  EXPECT_EQ(segments->own_headers, &headers[0]);
  EXPECT_EQ(segments->interpreter, &headers[1]);
  EXPECT_EQ(segments->dynamic, &headers[3]);
  EXPECT_EQ(segments->tls, &headers[4]);
  EXPECT_EQ(segments->relro, &headers[5]);
  EXPECT_EQ(segments->eh_frame, &headers[6]);
  EXPECT_EQ(segments->headers.size(), headers.size());
}

TEST(InspectSegments, AbsentHeadersAreNull) {
  std::vector<Phdr> headers = {load(0, 0, 0x1000, 0x1000)};
  auto segments = inspect(headers);
  ASSERT_TRUE(segments);
  EXPECT_EQ(segments->dynamic, nullptr);
  EXPECT_EQ(segments->interpreter, nullptr);
  EXPECT_EQ(segments->tls, nullptr);
  EXPECT_EQ(segments->relro, nullptr);
}

TEST(InspectSegments, TlsWithoutImageMayLieAnywhere) {
  Phdr tls = other(PT_TLS, 0x900000, 0, 16);
  tls.p_memsz = 64;
  EXPECT_EQ(outcome(inspect({load(0, 0, 0x1000, 0x1000), tls})), Error{});
}

TEST(DescribeSegments, SaysTheSameOfWhatIsRightAndRefusesNothing) {
  std::vector<Phdr> headers = {load(0, 0, 0x1000, 0x1000), load(0x1000, 0x1000, 0x800, 0x2000)};
  ProgramHeaders table{headers.data(), headers.size()};
  Result<Segments> inspected =
      inspect_segments(table, SegmentSource::kMemory, ByteCount(0), kSmallPages);
  ASSERT_TRUE(inspected);
  Segments described = describe_segments(table, kSmallPages);
  EXPECT_EQ(described.start, inspected->start);
  EXPECT_EQ(described.end, inspected->end);
  EXPECT_EQ(described.alignment, inspected->alignment);
  headers[1].p_filesz = 0x3000;
  EXPECT_FALSE(inspect_segments(table, SegmentSource::kMemory, ByteCount(0), kSmallPages));
  EXPECT_EQ(describe_segments(table, kSmallPages).end, inspected->end);
}

TEST(FindLoad, GivesTheSegmentThatHoldsTheWholeRange) {
  std::vector<Phdr> headers = {load(0, 0, 0x100, 0x1000), load(0x1000, 0x4000, 0x100, 0x1000)};
  ProgramHeaders table{headers.data(), headers.size()};
  EXPECT_EQ(find_load(table, Vaddr(0xff0), ByteCount(0x10)), &headers[0]);
  EXPECT_EQ(find_load(table, Vaddr(0x4000), ByteCount(0x1000)), &headers[1]);
}

TEST(FindLoad, GivesNoneForARangeThatLeavesItsSegment) {
  std::vector<Phdr> headers = {load(0, 0, 0x1000, 0x1000), load(0x1000, 0x1000, 0x1000, 0x1000)};
  ProgramHeaders table{headers.data(), headers.size()};
  EXPECT_EQ(find_load(table, Vaddr(0xff0), ByteCount(0x11)), nullptr);
  EXPECT_EQ(find_load(table, Vaddr(0x3000), ByteCount(0)), nullptr);
  EXPECT_EQ(find_load(table, Vaddr(0x10), ByteCount(UINT64_MAX)), nullptr);
}

TEST(LoadsCover, SegmentsThatTouchCountAsOne) {
  std::vector<Phdr> headers = {load(0, 0, 0x1000, 0x1000), load(0x1000, 0x1000, 0x1000, 0x1000),
                               load(0x3000, 0x3000, 0x1000, 0x1000)};
  ProgramHeaders table{headers.data(), headers.size()};
  EXPECT_TRUE(loads_cover(table, Vaddr(0xff0), ByteCount(0x1010)));
  EXPECT_FALSE(loads_cover(table, Vaddr(0xff0), ByteCount(0x1011)));
  EXPECT_FALSE(loads_cover(table, Vaddr(0x2800), ByteCount(1)));
  EXPECT_FALSE(loads_cover(table, Vaddr(0xff0), ByteCount(UINT64_MAX)));
  headers[1].p_flags = PF_X;
  EXPECT_FALSE(loads_cover(table, Vaddr(0xff0), ByteCount(0x1010), PF_R));
}

}  // namespace
}  // namespace ldseal
