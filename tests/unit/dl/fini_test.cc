// Whose destructors run at the end of the process, in which order.
#include "ldso/dl/fini.h"

#include <gtest/gtest.h>

#include "ldso/dl/constructors.h"
#include "tests/lib_cc/made_up_process.h"

namespace ldseal {
namespace {

using testing_tools::MadeUpProcess;
using Names = std::vector<std::string>;

TEST(OpenedDestructors, RunAtTheEndOfTheProcessFromTheLastConstructedToTheFirst) {
  MadeUpProcess made_up;
  std::vector<Module*> opened = made_up.open(Names{"a", "b", "never constructed", "c"});
  for (size_t i : {1u, 3u, 0u}) construct_opened(*opened[i]);
  made_up.forget_calls();
  run_opened_destructors();
  EXPECT_EQ(made_up.calls(), (Names{"-a", "-c", "-b"}));
}

// The program's, those of opened objects, and start-up's, by libc.
void expect_end_of_process(LibcFamily family, const Names& expected) {
  MadeUpProcess made_up(family);
  for (const char* name : {"first", "second"})
    process.constructors.add(made_up.arena(), &made_up.add_library(name));
  construct_opened(made_up.open("opened"));
  made_up.forget_calls();
  run_destructors(process);
  EXPECT_EQ(made_up.calls(), expected);
}

TEST(Destructors, OfTheProgramRunBeforeThoseOfOpenedObjects) {
  expect_end_of_process(LibcFamily::kGlibc, {"-program", "-opened", "-second", "-first"});
}

TEST(Destructors, OfTheProgramRunBehindThoseOfOpenedObjectsWithMusl) {
  expect_end_of_process(LibcFamily::kMusl, {"-opened", "-program", "-second", "-first"});
}

}  // namespace
}  // namespace ldseal
