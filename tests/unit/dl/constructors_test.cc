// Everything is constructed and destroyed once.
#include "ldso/dl/constructors.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/made_up_process.h"

namespace ldseal {
namespace {

using testing_tools::MadeUpProcess;
using Names = std::vector<std::string>;

TEST(OpenedConstructors, RunOnce) {
  MadeUpProcess made_up;
  Module& m = made_up.open("a");
  construct_once(m);
  construct_once(m);
  EXPECT_EQ(made_up.calls(), (Names{"+a"}));
}

TEST(OpenedDestructors, RunOnceAndOnlyWhereConstructorsHaveRun) {
  MadeUpProcess made_up;
  Module& m = made_up.open("a");
  destroy_once(m);
  EXPECT_EQ(made_up.calls(), Names{});
  construct_once(m);
  destroy_once(m);
  destroy_once(m);
  EXPECT_EQ(made_up.calls(), (Names{"+a", "-a"}));
}

TEST(Constructors, OfLibrariesRunInTheirOrderAndTheProgramsAreApart) {
  MadeUpProcess made_up;
  for (const char* name : {"first", "second"})
    process.constructors.add(made_up.arena(), &made_up.add_library(name));
  run_library_constructors(process);
  EXPECT_EQ(made_up.calls(), (Names{"+first", "+second"}));
  run_program_constructors(process);
  EXPECT_EQ(made_up.calls().back(), "+program");
}

}  // namespace
}  // namespace ldseal
