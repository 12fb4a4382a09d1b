// Memory without a file in the place of a file's pages: what fits a buffer goes through it, more is moved there.
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <sys/mman.h>

#include "ldso/mem/mapping.h"
#include "tests/lib_cc/loading.h"
#include "tests/lib_cc/memory_map.h"

namespace ldseal {
namespace {

using namespace testing_tools;

constexpr const char* kPath = "/lib/libit.so";
constexpr uint64_t kBufferPages = 4;

std::vector<unsigned char> pages_that_differ(uint64_t count) {
  std::vector<unsigned char> bytes(count * kPage);
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(i * 31 + i / kPage);
  return bytes;
}

// A private mapping of a file, of which all but the first page and the last is to be replaced.
struct MappedPages {
  MappedPages(ScriptedKernel& kernel, uint64_t replaced_pages)
      : bytes(pages_that_differ(replaced_pages + 2)) {
    kernel.add_file(kPath, bytes);
    int file = static_cast<int>(kernel::open_read_only(kPath).value);
    auto mapping = Mapping::of_file(ByteCount(bytes.size()), PROT_READ, file, FileOffset(0));
    kernel::close(file);
    if (!mapping) throw std::runtime_error(sentence(mapping.error()));
    all = std::move(*mapping).keep_forever();
    replaced = {all.start + ByteCount(kPage), all.end - ByteCount(kPage)};
  }

  Error replace() { return outcome(make_anonymous(replaced, buffer)); }
  bool are_as_in_the_file() const {
    return std::memcmp(all.start.as<void>(), bytes.data(), bytes.size()) == 0;
  }

  std::vector<unsigned char> bytes;
  AddressRange all, replaced;
  unsigned char buffer[kBufferPages * kPage];
};

class MakeAnonymous : public testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Pages, MakeAnonymous,
                         testing::Values(1, kBufferPages - 1, kBufferPages, kBufferPages + 1, 100));

TEST_P(MakeAnonymous, KeepsTheContents) {
  ScriptedKernel kernel;
  MappedPages pages(kernel, GetParam());
  ASSERT_EQ(pages.replace(), Error{});
  EXPECT_TRUE(pages.are_as_in_the_file());
}

TEST_P(MakeAnonymous, LeavesNoFileBehindThePages) {
  ScriptedKernel kernel;
  MappedPages pages(kernel, GetParam());
  ASSERT_EQ(pages.replace(), Error{});
  for (Address at = pages.replaced.start; at < pages.replaced.end; at = at + ByteCount(kPage))
    ASSERT_EQ(mapped_at(at).inode, 0u);
}

TEST_P(MakeAnonymous, LeavesTheFileBehindThePagesBesideThem) {
  ScriptedKernel kernel;
  MappedPages pages(kernel, GetParam());
  ASSERT_EQ(pages.replace(), Error{});
  EXPECT_NE(mapped_at(pages.all.start).inode, 0u);
  EXPECT_NE(mapped_at(pages.replaced.end).inode, 0u);
}

TEST_P(MakeAnonymous, LetsThePagesBeWrittenAndOnlyThem) {
  ScriptedKernel kernel;
  MappedPages pages(kernel, GetParam());
  ASSERT_EQ(pages.replace(), Error{});
  EXPECT_EQ(mapped_at(pages.replaced.start).flags, "rw-p");
  EXPECT_EQ(mapped_at(pages.replaced.end - ByteCount(1)).flags, "rw-p");
  EXPECT_EQ(mapped_at(pages.all.start).flags, "r--p");
  EXPECT_EQ(mapped_at(pages.replaced.end).flags, "r--p");
}

TEST_P(MakeAnonymous, MapsNothingElse) {
  ScriptedKernel kernel;
  MappedPages pages(kernel, GetParam());
  NothingLeft nothing_left(kernel);
  ASSERT_EQ(pages.replace(), Error{});
  nothing_left.check();
}

TEST_P(MakeAnonymous, TellsEveryRefusedCallAndLeavesNothingMapped) {
  std::unique_ptr<MappedPages> pages;
  fail_every_call(
      [&](ScriptedKernel& kernel) { pages = std::make_unique<MappedPages>(kernel, GetParam()); },
      [&](ScriptedKernel&) { return pages->replace(); },
      [&](const std::string& call, const Error& error) {
        EXPECT_EQ(error.fault, fault_of(call));
        EXPECT_EQ(error.error_number, EIO);
        EXPECT_EQ(error.found, GetParam() * kPage);
      });
}

TEST(MakeAnonymousWithoutBuffer, MovesEvenOnePage) {
  ScriptedKernel kernel;
  MappedPages pages(kernel, 1);
  ASSERT_EQ(outcome(make_anonymous(pages.replaced, {})), Error{});
  EXPECT_EQ(kernel.calls().back().name, "move");
  EXPECT_TRUE(pages.are_as_in_the_file());
}
TEST(MakeAnonymousWithBuffer, MakesOneCallForWhatFits) {
  ScriptedKernel kernel;
  MappedPages pages(kernel, kBufferPages);
  size_t before = kernel.calls().size();
  ASSERT_EQ(pages.replace(), Error{});
  EXPECT_EQ(kernel.calls().size(), before + 1);
}
TEST(MakeAnonymousWithBuffer, WritesOnlyIntoItsEnd) {
  ScriptedKernel kernel;
  MappedPages pages(kernel, kBufferPages - 1);
  std::memset(pages.buffer, 0xee, sizeof pages.buffer);
  ASSERT_EQ(pages.replace(), Error{});
  for (size_t i = 0; i < kPage; ++i) ASSERT_EQ(pages.buffer[i], 0xee) << i;
}

}  // namespace
}  // namespace ldseal
