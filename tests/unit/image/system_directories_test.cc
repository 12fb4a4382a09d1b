// Where libc looks by itself, and which paths lie there.
#include "ldso/image/system_directories.h"

#include <gtest/gtest.h>
#include <linux/limits.h>

#include "arch/native.h"
#include "tests/lib_cc/heap_arena.h"
#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal {
namespace {

using testing_tools::HeapArena;
using testing_tools::ScriptedKernel;

class TheSystemDirectories : public testing::Test {
 protected:
  std::string below(const std::string& path) {
    const char* found = directories_.path_below(path, arena_);
    return found == nullptr ? "(nowhere)" : found;
  }
  const std::string path_file_ = "/etc/" + std::string(Native::kMuslRtld) + ".path";

  ScriptedKernel kernel_;
  HeapArena arena_;
  SystemDirectories directories_;
};

TEST_F(TheSystemDirectories, OfGlibcAreThoseOfTheMachineFirst) {
  std::string multiarch = Native::kMultiarch;
  EXPECT_EQ(directories_.list(LibcRules::kGlibc, arena_),
            "/lib/" + multiarch + ":/usr/lib/" + multiarch + ":/lib:/usr/lib");
  EXPECT_EQ(kernel_.paths_of("open"), std::vector<std::string>{});
}

TEST_F(TheSystemDirectories, OfMuslAreReadOnce) {
  kernel_.add_file(path_file_, {'/', 'a', '\n', '/', 'b'});
  EXPECT_STREQ(directories_.list(LibcRules::kMusl, arena_), "/a\n/b");
  EXPECT_STREQ(directories_.list(LibcRules::kMusl, arena_), "/a\n/b");
  EXPECT_EQ(kernel_.paths_of("open"), std::vector{path_file_});
}

TEST_F(TheSystemDirectories, HaveAPathBelowThemWithoutItsDetours) {
  EXPECT_EQ(below("/lib"), "/lib");
  EXPECT_EQ(below("/usr/lib/"), "/usr/lib");
  EXPECT_EQ(below("/home/me/../../usr//./lib/x"), "/usr/lib/x");
  EXPECT_EQ(below("/../lib/a/b/.."), "/lib/a");
}

TEST_F(TheSystemDirectories, DoNotHaveWhatOnlyLooksLikeIt) {
  for (const char* path : {"", "/", "lib", "./lib", "/libx", "/usr/lib/..", "/usr/lib/../libx/a",
                           "/usr", "/home/usr/lib"})
    EXPECT_EQ(below(path), "(nowhere)") << path;
  EXPECT_EQ(below("/lib/" + std::string(PATH_MAX, 'x')), "(nowhere)");
}

}  // namespace
}  // namespace ldseal
