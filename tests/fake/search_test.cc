// Where libraries are looked for: every path that is tried, in its order, over a file system that the test makes.
#include "ldso/image/search.h"

#include <cerrno>

#include "tests/fake/loading.h"

namespace ldseal {
namespace {

using namespace testing_tools;
using Paths = std::vector<std::string>;

// An object that asks for libraries, with its run paths.
class Asking {
 public:
  explicit Asking(const std::string& path, const ObjectSpec& spec = {},
                  Module* brought_by = nullptr)
      : path_(path), image_(write_elf(spec)), memory_(image_.in_memory()) {
    module_.path = module_.file_path = path_.c_str();
    module_.loader = brought_by;
    const auto* header = reinterpret_cast<const Ehdr*>(memory_.data());
    ProgramHeaders headers(reinterpret_cast<const Phdr*>(memory_.data() + header->e_phoff),
                           header->e_phnum);
    auto segments = inspect_segments(headers, SegmentSource::kMemory, ByteCount(0), kPages);
    if (!segments) throw std::runtime_error("bad segments");
    module_.segments = *segments;
    module_.bias = LoadBias(reinterpret_cast<uintptr_t>(memory_.data()));
    if (!describe_tables(module_, ImageView::of_memory(headers, module_.bias), arena_)) {
      throw std::runtime_error("bad tables");
    }
  }
  Module& module() { return module_; }

 private:
  std::string path_;
  HeapArena arena_;
  ElfImage image_;
  std::vector<unsigned char> memory_;
  Module module_;
};

class Search : public testing::Test {
 protected:
  Search() { settings_.page = kPages; }

  // The path of what is found, or "".
  std::string find(const char* name, Module& needed_by) {
    LibrarySearch search(settings_, needed_by, arena_);
    auto found = search.find(name, needed_by);
    error_ = outcome(found);
    return found ? found->path : "";
  }
  // The paths tried but the cache's.
  Paths tried() const {
    Paths paths = kernel_.paths_of("open");
    std::erase(paths, "/etc/ld.so.cache");
    return paths;
  }
  Paths defaults(const std::string& name) const {
    std::string multiarch = Native::kMultiarch;
    return {"/lib/" + multiarch + "/" + name, "/usr/lib/" + multiarch + "/" + name, "/lib/" + name,
            "/usr/lib/" + name};
  }
  void add(const std::string& path) { kernel_.add_file(path, object_file({})); }

  ScriptedKernel kernel_;
  HeapArena arena_;
  SearchSettings settings_;
  Error error_;
};

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
  EXPECT_EQ(kernel_.paths_of("open"), Paths{"/run/libit.so"});
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
  EXPECT_EQ(tried().at(0), "./libit.so");
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
  settings_.flavour = Flavour::kMusl;
  settings_.library_path = "/path";
  Asking program("/bin/prog", {.runpath = "/program"});
  Asking library("/lib/a.so", {.rpath = "/library"}, &program.module());
  find("libit.so", library.module());
  Paths paths = kernel_.paths_of("open");
  std::erase_if(paths, [](const std::string& path) { return path.starts_with("/etc/"); });
  EXPECT_EQ(paths, (Paths{"/path/libit.so", "/library/libit.so", "/program/libit.so",
                          "/lib/libit.so", "/usr/local/lib/libit.so", "/usr/lib/libit.so"}));
}

TEST_F(Search, MuslsPathFileReplacesItsDirectories) {
  settings_.flavour = Flavour::kMusl;
  std::string text = "/one\n/two:/three";
  kernel_.add_file("/etc/" + std::string(Native::kMuslLoader) + ".path",
                   {text.begin(), text.end()});
  Asking program("/bin/prog");
  find("libit.so", program.module());
  Paths paths = kernel_.paths_of("open");
  std::erase_if(paths, [](const std::string& path) { return path.starts_with("/etc/"); });
  EXPECT_EQ(paths, (Paths{"/one/libit.so", "/two/libit.so", "/three/libit.so"}));
  EXPECT_EQ(kernel_.open_files(), 0u);
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
TEST_F(Expand, PrivilegedProcessFollowsOriginIntoTheSystemsDirectoriesOnly) {
  settings_.secure = true;
  Asking own("/opt/app/a.so"), system("/usr/lib/a.so");
  EXPECT_EQ(expand("$ORIGIN", own.module()), "(refused)");
  EXPECT_EQ(expand("$ORIGIN", system.module()), "/usr/lib");
  EXPECT_EQ(expand("$ORIGIN/../../tmp", system.module()), "(refused)");
  EXPECT_EQ(expand("/opt/$LIB", own.module()), "/opt/lib/" + std::string(Native::kMultiarch));
}

}  // namespace
}  // namespace ldseal
