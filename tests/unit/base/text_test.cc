#include "ldso/base/text.h"

#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace ldseal {
namespace {

using Pieces = std::vector<std::string>;

Pieces pieces_of(std::string_view list, std::string_view separators) {
  Pieces all;
  std::string_view piece;
  while (split_next(list, separators, piece)) all.emplace_back(piece);
  return all;
}

TEST(Equal, SameTextIsEqual) { EXPECT_TRUE(equal("libc", "libc")); }
TEST(Equal, PrefixIsNotEqual) {
  EXPECT_FALSE(equal("lib", "libc"));
  EXPECT_FALSE(equal("libc", "lib"));
}
TEST(Equal, EmptyTextsAreEqual) { EXPECT_TRUE(equal("", "")); }

// Two pages, of which the second cannot be touched.
class GuardedPage {
 public:
  GuardedPage() : size_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
    start_ = static_cast<char*>(
        mmap(nullptr, 2 * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(start_ + size_, size_, PROT_NONE);
  }
  ~GuardedPage() { munmap(start_, 2 * size_); }
  GuardedPage(const GuardedPage&) = delete;
  GuardedPage& operator=(const GuardedPage&) = delete;
  // A copy of `text` whose NUL is `before_end` bytes before the last one that can be touched.
  const char* put(const std::string& text, size_t before_end) {
    char* to = start_ + size_ - text.size() - 1 - before_end;
    return std::strcpy(to, text.c_str());
  }

 private:
  size_t size_;
  char* start_;
};

TEST(EqualLong, SaysWhatEqualSaysAtEveryLengthAndAlignment) {
  GuardedPage left, right;
  for (size_t length = 0; length < 40; ++length) {
    std::string text(length, 'x');
    for (size_t shift = 0; shift < 16; ++shift) {
      const char* a = left.put(text, 0);
      EXPECT_TRUE(equal_long(a, right.put(text, shift))) << length << ' ' << shift;
      for (size_t wrong = 0; wrong <= length; ++wrong) {
        std::string other = text;
        wrong == length ? other += 'y' : (other[wrong] = 'y', other);
        EXPECT_FALSE(equal_long(a, right.put(other, shift)))
            << length << ' ' << shift << ' ' << wrong;
        EXPECT_FALSE(equal_long(right.put(other, shift), a))
            << length << ' ' << shift << ' ' << wrong;
      }
    }
  }
}
TEST(EqualLong, DoesNotCareForWhatFollowsTheEnd) {
  alignas(64) const char a[64] = "name\0one thing";
  alignas(64) const char b[64] = "name\0another";
  EXPECT_TRUE(equal_long(a, b));
}
TEST(EqualLong, BytesAboveAsciiAreBytes) {
  EXPECT_TRUE(
      equal_long("\xff\x80\x81\x01\xff\xff\xff\xff\x80", "\xff\x80\x81\x01\xff\xff\xff\xff\x80"));
  EXPECT_FALSE(
      equal_long("\xff\x80\x81\x01\xff\xff\xff\xff\x80", "\xff\x80\x81\x01\xff\xff\xff\x7f\x80"));
}

TEST(FileName, IsWhatFollowsTheLastSlash) { EXPECT_EQ(file_name("/usr/lib/libm.so"), "libm.so"); }
TEST(FileName, WithoutSlashIsAllOfIt) { EXPECT_EQ(file_name("libm.so"), "libm.so"); }
TEST(DirectoryName, IsWhatPrecedesTheLastSlash) {
  EXPECT_EQ(directory_name("/usr/lib/libm.so"), "/usr/lib");
}
TEST(DirectoryName, OfAFileInTheRootIsTheRoot) { EXPECT_EQ(directory_name("/libm.so"), "/"); }
TEST(DirectoryName, WithoutSlashIsEmpty) { EXPECT_EQ(directory_name("libm.so"), ""); }

TEST(NextPiece, CutsAtEverySeparator) {
  EXPECT_EQ(pieces_of("a:b;c", ":;"), (Pieces{"a", "b", "c"}));
}
TEST(NextPiece, AnEmptyPieceIsAPiece) { EXPECT_EQ(pieces_of("a::b", ":"), (Pieces{"a", "", "b"})); }
TEST(NextPiece, SeparatorsAtTheEndsMakeEmptyPieces) {
  EXPECT_EQ(pieces_of(":a:", ":"), (Pieces{"", "a", ""}));
}
TEST(NextPiece, AnEmptyListIsOneEmptyPiece) { EXPECT_EQ(pieces_of("", ":"), (Pieces{""})); }
TEST(NextPiece, NoListHasNoPiece) { EXPECT_EQ(pieces_of(std::string_view(), ":"), Pieces{}); }

TEST(TextWriter, WritesDecimalAtBothEndsOfItsRange) {
  TextBuffer<64> out;
  out.decimal(0) << ' ';
  out.decimal(UINT64_MAX);
  EXPECT_EQ(out.text(), "0 18446744073709551615");
}
TEST(TextWriter, WritesHexadecimalWithItsPrefix) {
  TextBuffer<64> out;
  out.hex(0) << ' ';
  out.hex(0xdeadbeefcafe0123);
  EXPECT_EQ(out.text(), "0x0 0xdeadbeefcafe0123");
}
TEST(TextWriter, PadsHexadecimalWithZeroesBehindThePrefix) {
  TextBuffer<64> out;
  out.hex_padded(0xab, 8);
  EXPECT_EQ(out.text(), "0x000000ab");
}
TEST(TextWriter, PadsDecimalWithSpaces) {
  TextBuffer<64> out;
  out.decimal(42, 5);
  EXPECT_EQ(out.text(), "   42");
}
TEST(TextWriter, WritesANumberWiderThanItsWidthWhole) {
  TextBuffer<64> out;
  out.decimal(123456, 3);
  EXPECT_EQ(out.text(), "123456");
}
TEST(TextWriter, WritesNoneForANullText) {
  TextBuffer<16> out;
  out << static_cast<const char*>(nullptr);
  EXPECT_EQ(out.text(), "(none)");
}
TEST(TextWriter, FillsItsBufferWithoutOverflow) {
  TextBuffer<5> out;
  out << "1234";
  EXPECT_EQ(out.text(), "1234");
  EXPECT_FALSE(out.overflowed());
}
TEST(TextWriter, KeepsWhatFitsAndSaysThatItOverflowed) {
  TextBuffer<5> out;
  out << "12345";
  EXPECT_STREQ(out.c_str(), "1234");
  EXPECT_TRUE(out.overflowed());
}
TEST(TextWriter, IsEmptyAfterClear) {
  TextBuffer<3> out;
  out << "too long";
  out.clear();
  EXPECT_EQ(out.text(), "");
  EXPECT_STREQ(out.c_str(), "");
  EXPECT_FALSE(out.overflowed());
}

}  // namespace
}  // namespace ldseal
