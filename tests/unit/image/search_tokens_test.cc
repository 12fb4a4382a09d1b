// Dynamic string tokens: what becomes of them for each libc, and in a privileged process.
#include "tests/lib_cc/searching.h"

namespace ldseal {
namespace {

using namespace testing_tools;

class Expand : public Search {
 protected:
  std::string expand(const char* text, Module& module) {
    LibrarySearch search(settings_, module, arena_);
    const char* expanded = search.expand(text, module);
    return expanded == nullptr ? "(refused)" : expanded;
  }
};

TEST_F(Expand, OriginIsTheDirectoryOfTheObject) {
  Asking library("/opt/app/lib/a.so");
  EXPECT_EQ(expand("$ORIGIN/../x", library.module()), "/opt/app/lib/../x");
  EXPECT_EQ(expand("${ORIGIN}y", library.module()), "/opt/app/liby");
}
TEST_F(Expand, OriginOfTheRunningExecutableIsAskedOfTheKernel) {
  kernel_.set_executable("/opt/app/bin/prog");
  Asking program("prog");
  program.module().is_running_executable = true;
  EXPECT_EQ(expand("$ORIGIN", program.module()), "/opt/app/bin");
}
TEST_F(Expand, OriginOfARelativePathBeginsInTheCurrentDirectory) {
  kernel_.set_directory("/home/me");
  Asking library("sub/a.so");
  EXPECT_EQ(expand("$ORIGIN", library.module()), "/home/me/sub");
}
TEST_F(Expand, LibAndPlatformAreThoseOfTheMachine) {
  Asking library("/a.so");
  settings_.platform = "kernels";
  std::string lib = "lib/" + std::string(Native::kMultiarch);
  EXPECT_EQ(expand("/x/$LIB/$PLATFORM", library.module()),
            "/x/" + lib + "/" + platform_name("kernels"));
  settings_.platform = nullptr;
  EXPECT_EQ(expand("$PLATFORM", library.module()), platform_name(Native::kPlatform));
}
TEST_F(Expand, WhatIsNoTokenStays) {
  Asking library("/lib/a.so");
  for (const char* text : {"$ORIGINAL", "$", "$$", "${ORIGIN", "$origin", "$ORIGIN_", "a$b"}) {
    EXPECT_EQ(expand(text, library.module()), text);
  }
}
TEST_F(Expand, TooLongAResultIsRefused) {
  Asking library("/" + std::string(3000, 'x') + "/a.so");
  EXPECT_EQ(expand("$ORIGIN/$ORIGIN", library.module()), "(refused)");
}
TEST_F(Expand, OriginOfAnObjectInTheRootDirectoryIsThatDirectory) {
  kernel_.set_directory("/");
  Asking library("/a.so"), relative("sub/a.so");
  EXPECT_EQ(expand("$ORIGIN", library.module()), "/");
  EXPECT_EQ(expand("$ORIGIN", relative.module()), "/sub");
}
TEST_F(Expand, PrivilegedProgramFollowsOriginBelowTheSystemsDirectoriesOnly) {
  settings_.secure = true;
  Asking own("/opt/app/prog"), system("/usr/lib/app/prog"), beside("/usr/libx/prog");
  for (const char* text : {"$ORIGIN", "$ORIGIN/../../usr/libx", "$ORIGIN/.."})
    EXPECT_EQ(expand(text, own.module()), "(refused)") << text;
  EXPECT_EQ(expand("$ORIGIN/../../usr//./lib", own.module()), "/usr/lib");
  EXPECT_EQ(expand("$ORIGIN", system.module()), "/usr/lib/app");
  EXPECT_EQ(expand("$ORIGIN/..", system.module()), "/usr/lib");
  EXPECT_EQ(expand("$ORIGIN/../..", system.module()), "(refused)");
  EXPECT_EQ(expand("$ORIGIN/../../../tmp", system.module()), "(refused)");
  EXPECT_EQ(expand("$ORIGIN", beside.module()), "(refused)");
  EXPECT_EQ(expand("/opt/$LIB", own.module()), "/opt/lib/" + std::string(Native::kMultiarch));
}
TEST_F(Expand, PrivilegedProcessFollowsOriginAtTheBeginningOnly) {
  settings_.secure = true;
  Asking system("/usr/lib/prog");
  for (const char* text : {"/$ORIGIN", "$ORIGINx", "${ORIGIN}x", "$ORIGIN/$ORIGIN", "x/$ORIGIN"}) {
    EXPECT_NE(expand(text, system.module()).substr(0, 8), "/usr/lib") << text;
  }
}
TEST_F(Expand, PrivilegedProcessFollowsTheOriginOfALibraryAnywhere) {
  settings_.secure = true;
  Asking program("/bin/prog"), library("/opt/app/a.so");
  LibrarySearch search(settings_, program.module(), arena_);
  EXPECT_STREQ(search.expand("$ORIGIN/sub", library.module()), "/opt/app/sub");
  EXPECT_EQ(search.expand("sub/$ORIGIN", library.module()), nullptr);
}
TEST_F(Expand, MuslKnowsOriginAloneWhateverFollowsIt) {
  settings_.rules = LibcRules::kMusl;
  Asking library("/opt/a.so"), root("/a.so");
  EXPECT_EQ(expand("$ORIGINAL/${ORIGIN}x", library.module()), "/optAL//optx");
  EXPECT_EQ(expand("$ORIGIN", root.module()), "(refused)");
  EXPECT_EQ(expand("$ORIGIN/lib", root.module()), "/lib");
}
TEST_F(Expand, MuslFollowsNoOriginThatThePrivilegedProcesssCallerChooses) {
  settings_.rules = LibcRules::kMusl;
  settings_.secure = true;
  kernel_.set_executable("/usr/lib/prog");
  kernel_.set_directory("/usr/lib");
  Asking program("/usr/lib/prog"), relative("a.so"), library("/opt/a.so");
  program.module().is_running_executable = true;
  EXPECT_EQ(expand("$ORIGIN", program.module()), "(refused)");
  EXPECT_EQ(expand("$ORIGIN", relative.module()), "(refused)");
  EXPECT_EQ(expand("$ORIGIN", library.module()), "/opt");
}

}  // namespace
}  // namespace ldseal
