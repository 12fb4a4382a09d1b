// What an object needs of others' versions, and when that is enough. What is refused, and how: tests/damage.
#include "ldso/link/version_check.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/described.h"
#include "tests/lib_cc/versioned.h"

namespace ldseal {
namespace {

using testing_tools::Described;
using testing_tools::ElfImage;
using testing_tools::ObjectSpec;
using testing_tools::two_definitions;
using testing_tools::two_needs;
using testing_tools::write_elf;

// The context is the provider of "libone.so" and "libtwo.so".
Module* provider(const char*, void* context) { return static_cast<Module*>(context); }

TEST(CheckVersions, AProviderThatDefinesThemSatisfies) {
  Described needs(two_needs()), defines(two_definitions());
  EXPECT_TRUE(check_versions(needs.module(), provider, &defines.module()));
}
TEST(CheckVersions, AProviderWithoutVersionsSatisfiesAll) {
  Described needs(two_needs()), plain(ObjectSpec{});
  EXPECT_TRUE(check_versions(needs.module(), provider, &plain.module()));
}
TEST(CheckVersions, AWeakNeedMayBeMissing) {
  ObjectSpec spec;
  spec.symbols = {{.name = "a", .version = "V9", .library = "libone.so", .defined = false}};
  ElfImage image = write_elf(spec);
  image.version_need_row().vna_flags = VER_FLG_WEAK;
  Described needs(std::move(image)), defines(two_definitions());
  EXPECT_TRUE(check_versions(needs.module(), provider, &defines.module()));
  EXPECT_TRUE(check_versions(needs.module(), provider, nullptr));
}

}  // namespace
}  // namespace ldseal
