// Errors in libc's words. What libc itself says is compared in tests/dl and tests/run.
#include "ldso/words/libc_words.h"

#include <cerrno>
#include <gtest/gtest.h>
#include <string>

#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal {
namespace {

std::string as_glibc(const Error& e) {
  TextBuffer<1024> out;
  write_as_glibc(out, e);
  return std::string(out.text());
}

std::string as_musl(const Error& e) {
  TextBuffer<1024> out;
  write_as_musl(out, e);
  return std::string(out.text());
}

Error missing() {
  Error e = fault(Fault::kLibraryNotFound);
  e.name = "libx.so";
  e.object = "/bin/program";
  e.searched = "/etc/ld.so.cache";
  e.error_number = ENOENT;
  return e;
}

TEST(AsGlibc, SaysNothingOfWhoAskedAndWhere) {
  EXPECT_EQ(as_glibc(missing()),
            "libx.so: cannot open shared object file: No such file or directory");
}
TEST(AsGlibc, TellsTheTwoVersionsOfElfApart) {
  Error e = fault(Fault::kBadElfVersion);
  e.object = "libx.so";
  e.where = 6;
  EXPECT_EQ(as_glibc(e), "libx.so: ELF file version ident does not match current one");
  e.where = 20;
  EXPECT_EQ(as_glibc(e), "libx.so: ELF file version does not match current one");
}
TEST(AsGlibc, HasOurWordsWhereGlibcHasNone) {
  Error e = fault(Fault::kDynamicUnterminated);
  e.object = "libx.so";
  EXPECT_EQ(as_glibc(e), "libx.so: dynamic section has no DT_NULL");
}

TEST(AsMusl, NamesWhoNeedsALibrary) {
  EXPECT_EQ(as_musl(missing()),
            "Error loading shared library libx.so: No such file or directory (needed by "
            "/bin/program)");
}
TEST(AsMusl, HasOneWordForEveryWrongHeader) {
  for (Fault wrong : {Fault::kTooSmall, Fault::kBadMagic, Fault::kBadType, Fault::kNoLoadSegment}) {
    Error e = fault(wrong);
    e.name = "libx.so";
    EXPECT_EQ(as_musl(e), "Error loading shared library libx.so: Exec format error");
  }
}

std::string line_of(Error e) {
  testing_tools::ScriptedKernel kernel;
  e.name = "libx.so";
  report_preload_ignored(e, "LD_PRELOAD");
  return kernel.written();
}

std::string ignored(const std::string& reason) {
  return "ERROR: ld.so: object 'libx.so' from LD_PRELOAD cannot be preloaded (" + reason +
         "): ignored.\n";
}

TEST(IgnoredPreload, HasNoAnswerOfTheKernel) {
  EXPECT_EQ(line_of(missing()), ignored("cannot open shared object file"));
  EXPECT_EQ(line_of(fault(Fault::kIsDirectory)), ignored("cannot read file data"));
  EXPECT_EQ(line_of(fault(Fault::kBadClass)), ignored("wrong ELF class: ELFCLASS32"));
}
TEST(IgnoredPreload, HasOurWordsWhereGlibcHasNone) {
  Error e = fault(Fault::kDynamicUnterminated);
  e.object = "/lib/libx.so";
  EXPECT_EQ(line_of(e), ignored("/lib/libx.so: dynamic section has no DT_NULL"));
}

}  // namespace
}  // namespace ldseal
