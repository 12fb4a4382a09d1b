// How far an object is, before anything is opened and afterwards.
#include "ldso/dl/lifecycle.h"

#include <gtest/gtest.h>

#include "ldso/dl/opened.h"
#include "tests/lib_cc/made_up_process.h"

namespace ldseal {
namespace {

using testing_tools::MadeUpProcess;

// Two libraries that start-up constructs.
void add_libraries(MadeUpProcess& made_up) {
  for (const char* name : {"first", "second"})
    process.constructors.add(made_up.arena(), &made_up.add_library(name));
}

TEST(Lifecycle, OfStartUpIsANumberUntilSomethingIsOpened) {
  MadeUpProcess made_up;
  add_libraries(made_up);
  EXPECT_TRUE(begin_construction(*process.constructors[0]));
  end_construction(*process.constructors[0]);
  EXPECT_EQ(begun_at_start_up().size(), 1u);
  EXPECT_FALSE(program_has_begun());
  EXPECT_EQ(dlopened.start_up, nullptr);
}

TEST(Lifecycle, OfStartUpIsSettledByTheFirstThatIsOpened) {
  MadeUpProcess made_up;
  add_libraries(made_up);
  begin_construction(*process.constructors[0]);
  begin_construction(made_up.open("opened"));
  EXPECT_EQ(handle_state(*process.constructors[0]).life->stage, Stage::kUnderConstruction);
  EXPECT_FALSE(begin_construction(*process.constructors[0]));
  EXPECT_TRUE(begin_construction(*process.constructors[1]));
  EXPECT_EQ(handle_state(*process.constructors[1]).life->construction, 3u);
}

TEST(Lifecycle, WhatIsDestroyedIsNeverConstructedAgain) {
  MadeUpProcess made_up;
  Module& m = made_up.open("opened");
  EXPECT_FALSE(begin_destruction(m));
  begin_construction(m);
  end_construction(m);
  EXPECT_TRUE(begin_destruction(m));
  EXPECT_FALSE(begin_destruction(m));
  EXPECT_FALSE(begin_construction(m));
}

TEST(Lifecycle, WhatIsHalfConstructedIsDestroyedByGlibcAlone) {
  for (LibcFamily family : {LibcFamily::kGlibc, LibcFamily::kMusl}) {
    MadeUpProcess made_up(family);
    Module& m = made_up.open("opened");
    begin_construction(m);
    EXPECT_EQ(begin_destruction(m), family == LibcFamily::kGlibc);
  }
}

}  // namespace
}  // namespace ldseal
