// Whose destructors run at the end of the process, in which order.
#include "ldso/dl/fini.h"

#include <gtest/gtest.h>

#include "ldso/dl/constructors.h"
#include "tests/lib_cc/made_up_process.h"

namespace ldseal {
namespace {

using testing_tools::MadeUpProcess;
using Names = std::vector<std::string>;

// Start-up brings two libraries, the second of which opens something in its constructor.
void start_up(MadeUpProcess& made_up) {
  for (const char* name : {"first", "second"})
    process.constructors.add(made_up.arena(), &made_up.add_library(name));
  run_library_constructors(process);
  construct_once(*process.graph.program);
  construct_once(made_up.open("opened"));
  made_up.forget_calls();
}

Names end_of_process(LibcFamily family) {
  MadeUpProcess made_up(family);
  start_up(made_up);
  run_destructors(process);
  return made_up.calls();
}

TEST(Destructors, OfOpenedObjectsRunLastInGlibc) {
  EXPECT_EQ(end_of_process(LibcFamily::kGlibc),
            (Names{"-program", "-first", "-second", "-opened"}));
}

TEST(Destructors, RunInTheReverseOrderOfConstructionInMusl) {
  EXPECT_EQ(end_of_process(LibcFamily::kMusl), (Names{"-opened", "-program", "-second", "-first"}));
}

TEST(Destructors, RunOnce) {
  MadeUpProcess made_up;
  start_up(made_up);
  run_destructors(process);
  made_up.forget_calls();
  run_destructors(process);
  EXPECT_EQ(made_up.calls(), Names{});
}

TEST(Destructors, OfWhatWasNeverConstructedDoNotRun) {
  MadeUpProcess made_up;
  for (const char* name : {"first", "second"})
    process.constructors.add(made_up.arena(), &made_up.add_library(name));
  construct_once(*process.constructors[0]);
  made_up.forget_calls();
  run_destructors(process);
  EXPECT_EQ(made_up.calls(), (Names{"-first"}));
}

TEST(Destructors, OfANeededObjectRunBehindThoseOfWhatNeedsIt) {
  MadeUpProcess made_up;
  std::vector<Module*> m = made_up.open(Names{"a", "b", "never constructed", "c"});
  made_up.need(*m[3], *m[0]);
  for (size_t i : {1u, 3u, 0u}) construct_once(*m[i]);
  made_up.forget_calls();
  run_destructors(process);
  EXPECT_EQ(made_up.calls(), (Names{"-b", "-c", "-a"}));
}

TEST(Destructors, HeedWhatWasBoundAtRunTime) {
  MadeUpProcess made_up;
  std::vector<Module*> user = made_up.open(Names{"user"});
  std::vector<Module*> provider = made_up.open(Names{"provider"});
  made_up.refer(*provider[0], *user[0]);
  construct_once(*user[0]);
  construct_once(*provider[0]);
  made_up.forget_calls();
  run_destructors(process);
  EXPECT_EQ(made_up.calls(), (Names{"-provider", "-user"}));
}

}  // namespace
}  // namespace ldseal
