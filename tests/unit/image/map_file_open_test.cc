// Opening an object: what the kernel refuses, and what a path may name besides a file.
#include "ldso/image/map_file.h"
#include "tests/lib_cc/loading.h"
#include "tests/lib_cc/note_image.h"

namespace ldseal {
namespace {

using namespace testing_tools;

constexpr const char* kPath = "/lib/libit.so";

class ElfFileTest : public testing::Test {
 protected:
  Error open(const char* path = kPath) { return outcome(ElfFile::open(path, kPages, arena_)); }
  Error in_file(Error e, const char* path = kPath) {
    e.object = path;
    return e;
  }
  Error refused(Fault f, int number) {
    Error e = in_file(fault(f));
    e.error_number = number;
    return e;
  }
  ScriptedKernel kernel_;
  HeapArena arena_;
};

TEST_F(ElfFileTest, GivesHeaderAndProgramHeadersAndIdentity) {
  auto bytes = object_file({});
  kernel_.add_file(kPath, bytes);
  auto object = ElfFile::open(kPath, kPages, arena_);
  ASSERT_TRUE(object);
  EXPECT_EQ(object->header().e_type, ET_DYN);
  EXPECT_EQ(object->segments().headers.size(), object->header().e_phnum);
  EXPECT_EQ(object->status().size, bytes.size());
  EXPECT_EQ(kernel_.open_files(), 1u);
}

TEST_F(ElfFileTest, ClosesItsFileWhenItGoes) {
  kernel_.add_file(kPath, object_file({}));
  { auto object = ElfFile::open(kPath, kPages, arena_); }
  EXPECT_EQ(kernel_.open_files(), 0u);
}

TEST_F(ElfFileTest, NamesWhatTheKernelAnswers) {
  EXPECT_EQ(open(), refused(Fault::kCannotOpen, ENOENT));
  kernel_.refuse(kPath, EACCES);
  EXPECT_EQ(open(), refused(Fault::kCannotOpen, EACCES));
}

TEST_F(ElfFileTest, NamesWhyItsStatusIsNotKnown) {
  kernel_.add_file(kPath, object_file({}));
  kernel_.fail_after(1, EIO);
  EXPECT_EQ(open(), refused(Fault::kCannotStat, EIO));
  EXPECT_EQ(kernel_.open_files(), 0u);
}

TEST_F(ElfFileTest, RefusesADirectory) {
  kernel_.add_directory(kPath);
  EXPECT_EQ(open(), in_file(fault(Fault::kIsDirectory)));
  EXPECT_EQ(kernel_.open_files(), 0u);
}

TEST_F(ElfFileTest, RefusesWhatIsNoRegularFile) {
  kernel_.add_file(kPath, object_file({}), 0020666);
  EXPECT_EQ(open(), in_file(fault(Fault::kNotRegular)));
  EXPECT_EQ(kernel_.open_files(), 0u);
}

TEST_F(ElfFileTest, NamesTheFileInAnErrorOfItsHeader) {
  auto bytes = object_file({});
  bytes[0] = 'X';
  kernel_.add_file(kPath, bytes);
  EXPECT_EQ(open(), in_file(error_at(Place::kFileOffset, 0,
                                     error_in(Fault::kBadMagic, "e_ident", 'X', ELFMAG0))));
  EXPECT_EQ(kernel_.open_files(), 0u);
}

TEST_F(ElfFileTest, NamesTheFileInAnErrorOfItsProgramHeaders) {
  ElfImage image = write_elf({.machine = Native::kMachine});
  image.text().p_align = 0x3000;
  kernel_.add_file(kPath, image.bytes);
  EXPECT_EQ(open().fault, Fault::kBadAlignment);
  EXPECT_STREQ(open().object, kPath);
  EXPECT_EQ(kernel_.open_files(), 0u);
}

// Program headers far behind the start of the file: a second read brings them.
std::vector<unsigned char> with_far_headers() {
  ElfImage image = write_elf({.machine = Native::kMachine, .data_words = 1024});
  Ehdr header = image.header();
  std::vector<unsigned char> headers(
      image.bytes.begin() + static_cast<long>(header.e_phoff),
      image.bytes.begin() + static_cast<long>(header.e_phoff) + header.e_phnum * 56);
  image.header().e_phoff = image.bytes.size();
  image.bytes.insert(image.bytes.end(), headers.begin(), headers.end());
  return image.bytes;
}

TEST_F(ElfFileTest, ReadsProgramHeadersThatAreFarFromTheStart) {
  kernel_.add_file(kPath, with_far_headers());
  EXPECT_EQ(open(), Error{});
}

// The note with the machine's features, in this word of the data.
std::vector<unsigned char> with_features(uint64_t word, uint64_t size) {
  uint32_t bits = 3;
  Bytes data;
  append(data, &bits, sizeof bits);
  Bytes note = property_note({property(Native::kFeatures, data)});
  ElfImage image = write_elf({.machine = Native::kMachine, .data_words = 1024});
  uint64_t address = image.word_address(word);
  uint64_t offset = address - image.data().p_vaddr + image.data().p_offset;
  std::copy(note.begin(), note.end(), image.bytes.begin() + static_cast<ptrdiff_t>(offset));
  image.segment(PT_GNU_STACK) = {PT_GNU_PROPERTY, PF_R, offset, address, address, size, size, 8};
  return image.bytes;
}

TEST_F(ElfFileTest, TellsWhatTheCodeKeepsTo) {
  constexpr uint64_t kNote = 32, kFar = 900;
  for (uint64_t word : {uint64_t{20}, kFar}) {
    kernel_.add_file(kPath, with_features(word, kNote));
    auto object = ElfFile::open(kPath, kPages, arena_);
    ASSERT_TRUE(object);
    EXPECT_EQ(object->features(), 3u) << word;
  }
}

TEST_F(ElfFileTest, ReadsNoLongerPropertiesThanThereAre) {
  constexpr uint64_t kTooLong = 520;
  kernel_.add_file(kPath, with_features(900, kTooLong));
  auto object = ElfFile::open(kPath, kPages, arena_);
  ASSERT_TRUE(object);
  EXPECT_EQ(object->features(), 0u);
}

TEST_F(ElfFileTest, KeepsToNothingWhereThePropertyCannotBeRead) {
  kernel_.add_file(kPath, with_features(900, 32));
  kernel_.fail_after(3, EIO);  // open, status, read of the start
  auto object = ElfFile::open(kPath, kPages, arena_);
  ASSERT_TRUE(object);
  EXPECT_EQ(object->features(), 0u);
}

TEST_F(ElfFileTest, RefusesAFileThatGetsShorterWhileItIsRead) {
  kernel_.add_file(kPath, with_far_headers());
  kernel_.shorten_read_after(3, 56);  // open, status, read of the start
  Error error = open();
  EXPECT_EQ(error.fault, Fault::kProgramHeadersOutside);
  EXPECT_STREQ(error.object, kPath);
  EXPECT_EQ(kernel_.open_files(), 0u);
}

TEST(ElfFile, TellsEveryRefusedCallAndLeavesNothingOpen) {
  HeapArena arena;
  fail_every_call([](ScriptedKernel& kernel) { kernel.add_file(kPath, with_far_headers()); },
                  [&](ScriptedKernel&) { return outcome(ElfFile::open(kPath, kPages, arena)); },
                  [](const std::string& call, const Error& error) {
                    Error expected = fault(fault_of(call));
                    expected.object = kPath;
                    expected.error_number = EIO;
                    EXPECT_EQ(error, expected);
                  });
}

}  // namespace
}  // namespace ldseal
