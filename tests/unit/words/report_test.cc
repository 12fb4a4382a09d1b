// Sentences for errors: one for every fault there is, complete, in one line.
#include "ldso/words/report.h"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <gtest/gtest.h>
#include <string>

#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal {
namespace {

std::string sentence(const Error& e) {
  TextBuffer<1024> out;
  write_error(out, e);
  return std::string(out.text());
}

Error full_error(Fault f) {
  Error e = fault(f);
  e.place = Place::kVaddr;
  e.error_number = 12;
  e.where = 0x111;
  e.found = 0x222;
  e.wanted = 0x333;
  e.object = "OBJECT";
  e.field = "FIELD";
  e.name = "NAME";
  e.version = "VERSION";
  e.searched = "SEARCHED";
  return e;
}

class EveryFault : public testing::TestWithParam<int> {
 protected:
  Fault the_fault() const { return static_cast<Fault>(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Of, EveryFault, testing::Range(0, static_cast<int>(Fault::kCount)));

TEST_P(EveryFault, HasASentence) {
  std::string text = sentence(full_error(the_fault()));
  EXPECT_FALSE(text.starts_with("fault ")) << "this is what a fault without a row says";
  EXPECT_GT(text.size(), 5u);
}
TEST_P(EveryFault, LeavesNoPlaceholderInItsSentence) {
  EXPECT_EQ(sentence(full_error(the_fault())).find_first_of("{}[]"), std::string::npos);
  EXPECT_EQ(sentence(fault(the_fault())).find_first_of("{}[]"), std::string::npos);
}
TEST_P(EveryFault, TakesOneLine) {
  EXPECT_EQ(sentence(full_error(the_fault())).find('\n'), std::string::npos);
}
TEST_P(EveryFault, WithoutAnyValueDoesNotReadNull) {
  EXPECT_FALSE(sentence(fault(the_fault())).empty());
}

TEST(WriteError, AFaultWithoutRowIsANumber) {
  EXPECT_EQ(sentence(fault(Fault::kCount)),
            "fault " + std::to_string(static_cast<int>(Fault::kCount)));
}

TEST(WriteError, SaysWhatATableSizeIsNotAMultipleOf) {
  Error e = full_error(Fault::kBadTableSize);
  e.found = 0x79;
  e.wanted = 24;
  EXPECT_EQ(sentence(e), "OBJECT: FIELD 0x79 is not a multiple of 24 at address 0x111");
}
TEST(WriteError, FillsInEveryValue) {
  Error e = fault(Fault::kFileSizeAboveMemorySize);
  e.object = "libfoo.so";
  e.field = "PT_LOAD p_filesz";
  e.found = 0x3000;
  e.wanted = 0x2000;
  e.place = Place::kFileOffset;
  e.where = 0x78;
  EXPECT_EQ(sentence(e),
            "libfoo.so: PT_LOAD p_filesz 0x3000 is larger than p_memsz 0x2000 at file offset 0x78");
}
TEST(WriteError, SaysWhetherThePlaceIsAnAddress) {
  Error e = full_error(Fault::kBadRelr);
  EXPECT_EQ(sentence(e), "OBJECT: DT_RELR is damaged at address 0x111");
  e.place = Place::kNowhere;
  EXPECT_EQ(sentence(e), "OBJECT: DT_RELR is damaged");
}
TEST(WriteError, LeavesOutAnOptionalPartWithoutValue) {
  Error e = fault(Fault::kSymbolMissing);
  e.object = "prog";
  e.name = "printf";
  EXPECT_EQ(sentence(e), "prog: undefined symbol: printf");
  e.version = "GLIBC_2.99";
  EXPECT_EQ(sentence(e), "prog: undefined symbol: printf, version GLIBC_2.99");
}
TEST(WriteError, LeavesOutAnEmptyListOfPlaces) {
  Error e = fault(Fault::kLibraryNotFound);
  e.error_number = ENOENT;
  e.object = "prog";
  e.name = "libx.so";
  e.searched = "";
  EXPECT_EQ(sentence(e),
            "libx.so: cannot open shared object file: No such file or directory, needed by prog");
  e.searched = "LD_LIBRARY_PATH=/a";
  EXPECT_EQ(sentence(e),
            "libx.so: cannot open shared object file: No such file or directory, needed by prog "
            "(looked in LD_LIBRARY_PATH=/a)");
}
TEST(WriteError, CallsAnObjectWithoutNameTheProgram) {
  EXPECT_EQ(sentence(fault(Fault::kIsDirectory)), "program: is a directory");
}
TEST(WriteError, NamesTheKernelsAnswer) {
  Error e = fault(Fault::kCannotOpen);
  e.object = "x";
  for (auto [number, text] : std::initializer_list<std::pair<int, const char*>>{
           {1, "Operation not permitted"},
           {2, "No such file or directory"},
           {12, "Cannot allocate memory"},
           {13, "Permission denied"},
           {24, "Too many open files"},
           {40, "Too many levels of symbolic links"}}) {
    e.error_number = number;
    EXPECT_EQ(sentence(e), std::string("x: cannot open: ") + text);
  }
}
TEST(WriteError, GivesTheNumberOfAnAnswerWithoutName) {
  Error e = fault(Fault::kCannotOpen);
  e.object = "x";
  e.error_number = 123;
  EXPECT_EQ(sentence(e), "x: cannot open: error 123");
}
TEST(WriteError, AnswersReadAsTheSystemsOwnTextsDo) {
  Error e = fault(Fault::kCannotOpen);
  e.object = "x";
  for (int number = 1; number < 134; ++number) {
    e.error_number = number;
    std::string text = sentence(e);
    if (text.ends_with("error " + std::to_string(number))) continue;
    EXPECT_EQ(text, std::string("x: cannot open: ") + strerror(number));
  }
}
TEST(WriteError, ControlCharactersOfADamagedNameDoNotReachTheTerminal) {
  Error e = full_error(Fault::kSymbolMissing);
  e.object = "a\n\r.so";
  e.name = "\033[31mred\177";
  e.version = "V\t1\x01";
  for (char c : sentence(e)) EXPECT_FALSE(std::iscntrl(static_cast<unsigned char>(c))) << int{c};
}
TEST(WriteError, KeepsBytesOfUtf8) {
  Error e = full_error(Fault::kIsDirectory);
  e.object = "b\303\274cher";
  EXPECT_EQ(sentence(e), "b\303\274cher: is a directory");
}
TEST(WriteError, KeepsBracesAndBracketsOfAName) {
  Error e = fault(Fault::kSymbolMissing);
  e.object = "a[1].so";
  e.name = "f{x}]";
  EXPECT_EQ(sentence(e), "a[1].so: undefined symbol: f{x}]");
}

TEST(Report, IsOneLineOnStandardErrorThatStartsWithOurName) {
  testing_tools::ScriptedKernel kernel;
  report(fault(Fault::kIsDirectory));
  EXPECT_EQ(kernel.written(), "ld-seal: program: is a directory\n");
}
TEST(Report, IsWrittenInOneCall) {
  testing_tools::ScriptedKernel kernel;
  report(fault(Fault::kIsDirectory));
  EXPECT_EQ(kernel.calls().size(), 1u);
}
TEST(Report, OfAnEndlessNameStillEndsInANewline) {
  testing_tools::ScriptedKernel kernel;
  std::string name(20000, 'x');
  Error e = fault(Fault::kIsDirectory);
  e.object = name.c_str();
  report(e);
  EXPECT_TRUE(kernel.written().starts_with("ld-seal: xxx"));
  EXPECT_TRUE(kernel.written().ends_with("\n"));
}
TEST(Fail, ReportsAndEndsWithStatus127) {
  testing_tools::ScriptedKernel kernel;
  try {
    fail(fault(Fault::kIsDirectory));
    FAIL() << "it returned";
  } catch (const testing_tools::ProcessEnded& ended) {
    EXPECT_EQ(ended.status, 127);
  }
  EXPECT_EQ(kernel.written(), "ld-seal: program: is a directory\n");
}

}  // namespace
}  // namespace ldseal
