// Where libraries are looked for: every path that is tried, in its order, over a file system that the test makes.
#include <cerrno>

#include "tests/lib_cc/searching.h"

namespace ldseal {
namespace {

using namespace testing_tools;

Paths joined(Paths a, const Paths& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST_F(Search, TriesTheDefaultDirectoriesLast) {
  Asking program("/bin/prog");
  EXPECT_EQ(find("libit.so", program.module()), "");
  EXPECT_EQ(tried(), defaults("libit.so"));
}

TEST_F(Search, AsksTheCacheBeforeTheDefaultDirectories) {
  Asking program("/bin/prog");
  find("libit.so", program.module());
  EXPECT_EQ(kernel_.paths_of("open").at(0), "/etc/ld.so.cache");
}

TEST_F(Search, DoesNotAskTheCacheWhenToldNotTo) {
  settings_.use_cache = false;
  Asking program("/bin/prog");
  find("libit.so", program.module());
  EXPECT_EQ(kernel_.paths_of("open"), defaults("libit.so"));
}

TEST_F(Search, RpathComesBeforeTheLibraryPath) {
  settings_.library_path = "/path1:/path2;/path3";
  Asking program("/bin/prog", {.rpath = "/rpath"});
  find("libit.so", program.module());
  EXPECT_EQ(tried(),
            joined({"/rpath/libit.so", "/path1/libit.so", "/path2/libit.so", "/path3/libit.so"},
                   defaults("libit.so")));
}

TEST_F(Search, RunpathComesBehindTheLibraryPath) {
  settings_.library_path = "/path";
  Asking program("/bin/prog", {.runpath = "/run1:/run2"});
  find("libit.so", program.module());
  EXPECT_EQ(tried(),
            joined({"/path/libit.so", "/run1/libit.so", "/run2/libit.so"}, defaults("libit.so")));
}

TEST_F(Search, RunpathMakesTheObjectsRpathVoid) {
  Asking program("/bin/prog", {.rpath = "/rpath", .runpath = "/run"});
  find("libit.so", program.module());
  EXPECT_EQ(tried(), joined({"/run/libit.so"}, defaults("libit.so")));
}

TEST_F(Search, RpathIsInheritedFromWhoBroughtTheObject) {
  Asking program("/bin/prog", {.rpath = "/program"});
  Asking library("/lib/a.so", {.rpath = "/library"}, &program.module());
  find("libit.so", library.module());
  EXPECT_EQ(tried(), joined({"/library/libit.so", "/program/libit.so"}, defaults("libit.so")));
}

TEST_F(Search, RunpathIsNotInherited) {
  Asking program("/bin/prog", {.runpath = "/program"});
  Asking library("/lib/a.so", {}, &program.module());
  find("libit.so", library.module());
  EXPECT_EQ(tried(), defaults("libit.so"));
}

TEST_F(Search, RunpathOfTheObjectThatAsksEndsTheInheritance) {
  Asking program("/bin/prog", {.rpath = "/program"});
  Asking library("/lib/a.so", {.runpath = "/run"}, &program.module());
  find("libit.so", library.module());
  EXPECT_EQ(tried(), joined({"/run/libit.so"}, defaults("libit.so")));
}

TEST_F(Search, ObjectThatWantsNoDefaultsGetsNone) {
  Asking program("/bin/prog", {.runpath = "/run", .more_dynamic = {{DT_FLAGS_1, {DF_1_NODEFLIB}}}});
  find("libit.so", program.module());
  EXPECT_EQ(kernel_.paths_of("open"), (Paths{"/run/libit.so", "/etc/ld.so.cache"}));
}

TEST_F(Search, ANameWithASlashIsAPath) {
  settings_.library_path = "/path";
  Asking program("/bin/prog");
  add("./sub/libit.so");
  EXPECT_EQ(find("./sub/libit.so", program.module()), "./sub/libit.so");
  EXPECT_EQ(kernel_.paths_of("open"), Paths{"./sub/libit.so"});
}

TEST_F(Search, AnEmptyEntryIsTheCurrentDirectory) {
  settings_.library_path = ":/path";
  Asking program("/bin/prog");
  find("libit.so", program.module());
  EXPECT_EQ(tried().at(0), "libit.so");
}

TEST_F(Search, AnEmptyListHasNoDirectories) {
  settings_.library_path = "";
  Asking program("/bin/prog", {.rpath = ""});
  Asking library("/lib/a.so", {.runpath = ""}, &program.module());
  find("libit.so", program.module());
  EXPECT_EQ(tried(), defaults("libit.so"));
  find("libit.so", library.module());
  EXPECT_EQ(tried(), joined(defaults("libit.so"), defaults("libit.so")));
}

TEST_F(Search, AnEmptyRunpathMakesTheObjectsRpathVoidAllTheSame) {
  Asking program("/bin/prog", {.rpath = "/rpath", .runpath = ""});
  find("libit.so", program.module());
  EXPECT_EQ(tried(), defaults("libit.so"));
}

TEST_F(Search, SlashesAtTheEndOfADirectoryDoNotCount) {
  settings_.library_path = "/a//:/";
  Asking program("/bin/prog");
  find("libit.so", program.module());
  EXPECT_EQ(tried(), joined({"/a/libit.so", "/libit.so"}, defaults("libit.so")));
}

TEST_F(Search, AnOriginThatNobodyKnowsIsNoDirectory) {
  Asking program("/bin/prog", {.runpath = "$ORIGIN:$ORIGIN/lib"});
  program.module().is_running_executable = true;
  kernel_.set_executable("(unreachable)/prog");
  find("libit.so", program.module());
  EXPECT_EQ(tried(), defaults("libit.so"));
}

TEST_F(Search, EndsAtTheFirstFileForThisMachine) {
  settings_.library_path = "/first:/second:/third";
  ObjectSpec foreign;
  foreign.machine = EM_PPC64;
  kernel_.add_file("/first/libit.so", write_elf(foreign).bytes);
  add("/second/libit.so");
  add("/third/libit.so");
  Asking program("/bin/prog");
  EXPECT_EQ(find("libit.so", program.module()), "/second/libit.so");
  EXPECT_EQ(kernel_.open_files(), 0u);
}

TEST_F(Search, FailureNamesTheLibraryWhoNeedsItAndWhereItWasLookedFor) {
  settings_.library_path = "/path";
  settings_.use_cache = false;
  Asking program("/bin/prog", {.runpath = "/run"});
  find("libit.so", program.module());
  Error expected = fault(Fault::kLibraryNotFound);
  expected.error_number = ENOENT;
  expected.object = "/bin/prog";
  expected.name = "libit.so";
  std::string m = Native::kMultiarch;
  std::string searched = "LD_LIBRARY_PATH /path, RUNPATH /run, system search path /lib/" + m +
                         ":/usr/lib/" + m + ":/lib:/usr/lib";
  expected.searched = searched.c_str();
  EXPECT_EQ(error_, expected);
}

TEST_F(Search, FailureTellsTheFirstFileThatCouldNotBeUsed) {
  settings_.library_path = "/path1:/path2";
  settings_.use_cache = false;
  kernel_.refuse("/path1/libit.so", EACCES);
  kernel_.add_directory("/path2/libit.so");
  Asking program("/bin/prog");
  find("libit.so", program.module());
  EXPECT_EQ(error_.fault, Fault::kCannotOpen);
  EXPECT_EQ(error_.error_number, EACCES);
  EXPECT_STREQ(error_.object, "/path1/libit.so");
  EXPECT_STREQ(error_.name, "libit.so");
}

TEST_F(Search, ADamagedFileDoesNotKeepALaterOneFromBeingFound) {
  settings_.library_path = "/path1:/path2";
  kernel_.add_file("/path1/libit.so", {'t', 'e', 'x', 't'});
  add("/path2/libit.so");
  Asking program("/bin/prog");
  EXPECT_EQ(find("libit.so", program.module()), "/path2/libit.so");
}

TEST_F(Search, AsksOnceForTheHwcapsOfADirectory) {
  settings_.library_path = "/path";
  Asking program("/bin/prog");
  LibrarySearch search(settings_, program.module(), arena_);
  for (const char* name : {"liba.so", "libb.so", "libc.so"})
    EXPECT_FALSE(search.find(name, program.module()));
  size_t asked = 0;
  for (const std::string& path : kernel_.paths_of("status"))
    asked += path == "/path/glibc-hwcaps" ? 1 : 0;
  EXPECT_LE(asked, 1u);
}

TEST_F(Search, TriesHwcapsFromTheBestLevelDown) {
  settings_.library_path = "/path";
  kernel_.add_directory("/path/glibc-hwcaps");
  Asking program("/bin/prog");
  find("libit.so", program.module());
  Paths expected;
  for (unsigned level = isa_level(); Native::kHwcapsPrefix != nullptr && level >= 2; --level) {
    expected.push_back("/path/glibc-hwcaps/" + (Native::kHwcapsPrefix + std::to_string(level)) +
                       "/libit.so");
  }
  expected.push_back("/path/libit.so");
  Paths paths = tried();
  paths.resize(expected.size());
  EXPECT_EQ(paths, expected);
}

TEST_F(Search, MuslLooksInTheEnvironmentThenAlongTheRunPathsThenInItsOwnDirectories) {
  settings_.rules = LibcRules::kMusl;
  settings_.library_path = "/path";
  Asking program("/bin/prog", {.runpath = "/program"});
  Asking library("/lib/a.so", {.rpath = "/library"}, &program.module());
  find("libit.so", library.module());
  EXPECT_EQ(tried_by_musl(),
            (Paths{"/path/libit.so", "/library/libit.so", "/program/libit.so", "/lib/libit.so",
                   "/usr/local/lib/libit.so", "/usr/lib/libit.so"}));
}

TEST_F(Search, MuslsPathFileReplacesItsDirectories) {
  settings_.rules = LibcRules::kMusl;
  add_path_file("/one\n/two:/three");
  Asking program("/bin/prog");
  find("libit.so", program.module());
  EXPECT_EQ(tried_by_musl(), (Paths{"/one/libit.so", "/two/libit.so", "/three/libit.so"}));
  EXPECT_EQ(kernel_.open_files(), 0u);
}

TEST_F(Search, MuslPassesOverEmptyPieces) {
  settings_.rules = LibcRules::kMusl;
  settings_.library_path = ":/path:\n";
  add_path_file("\n/one\n\n/two\n");
  Asking program("/bin/prog", {.runpath = "::/run\n"});
  find("libit.so", program.module());
  EXPECT_EQ(tried_by_musl(),
            (Paths{"/path/libit.so", "/run/libit.so", "/one/libit.so", "/two/libit.so"}));
}

TEST_F(Search, MuslHasNoDirectoriesWithAnEmptyOrUnreadablePathFile) {
  settings_.rules = LibcRules::kMusl;
  Asking program("/bin/prog");
  add_path_file("\n");
  find("libit.so", program.module());
  EXPECT_EQ(tried_by_musl(), Paths{});
  kernel_.refuse("/etc/" + std::string(Native::kMuslRtld) + ".path", EACCES);
  find("libit.so", program.module());
  EXPECT_EQ(tried_by_musl(), Paths{});
}

TEST_F(Search, MuslPartsAtColonsAndNewlinesOnly) {
  settings_.rules = LibcRules::kMusl;
  settings_.library_path = "/a;/b";
  add_path_file("");
  Asking program("/bin/prog", {.runpath = "/c\n/d;e"});
  find("libit.so", program.module());
  EXPECT_EQ(tried_by_musl(), (Paths{"/a;/b/libit.so", "/c/libit.so", "/d;e/libit.so"}));
}

TEST_F(Search, MuslPassesOverTooLongADirectory) {
  settings_.rules = LibcRules::kMusl;
  std::string fits = "/" + std::string(511 - 10, 'x'), longer = fits + "x";
  std::string list = longer + ":" + fits;
  settings_.library_path = list.c_str();
  add_path_file("");
  Asking program("/bin/prog");
  find("libit.so", program.module());
  EXPECT_EQ(tried_by_musl(), Paths{fits + "/libit.so"});
}

TEST_F(Search, ANeededNameWithATokenIsForbiddenInAPrivilegedProcessOnly) {
  Asking program("/bin/prog");
  for (bool secure : {false, true}) {
    settings_.secure = secure;
    LibrarySearch search(settings_, program.module(), arena_);
    EXPECT_EQ(search.is_forbidden_name("$ORIGIN/libit.so"), secure);
    EXPECT_EQ(search.is_forbidden_name("/$X/${LIB}/libit.so"), secure);
    EXPECT_FALSE(search.is_forbidden_name("/$X/$LIBRARY/libit.so"));
  }
}

TEST_F(Search, TrustedSearchTakesOnlySetUserIdFilesOfTheSystem) {
  settings_.library_path = "/path";
  settings_.secure = true;
  std::string directory = "/usr/lib/" + std::string(Native::kMultiarch);
  kernel_.add_file("/lib/" + std::string(Native::kMultiarch) + "/libit.so", object_file({}));
  kernel_.add_file(directory + "/libit.so", object_file({}), 0104644);
  Asking program("/bin/prog", {.rpath = "/rpath"});
  LibrarySearch search(settings_, program.module(), arena_);
  auto found = search.find_trusted("libit.so", program.module());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->path, directory + "/libit.so");
  EXPECT_FALSE(search.find_trusted("/path/libit.so", program.module()));
}

}  // namespace
}  // namespace ldseal
