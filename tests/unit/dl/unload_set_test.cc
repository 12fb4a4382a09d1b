// Which objects leave the process with a handle, and in which order they are destroyed.
#include <gtest/gtest.h>

#include "ldso/dl/constructors.h"
#include "ldso/dl/open.h"
#include "tests/lib_cc/open_and_close.h"

namespace ldseal {
namespace {

using testing_tools::MadeUpProcess;
using testing_tools::open_constructed;
using testing_tools::open_now;
using Names = std::vector<std::string>;

TEST(CloseObject, UnloadsACycleAsAWhole) {
  MadeUpProcess made_up;
  std::vector<Module*> m = open_constructed(made_up, {"a", "b", "c"});
  made_up.need(*m[0], *m[1]);
  made_up.need(*m[1], *m[2]);
  made_up.need(*m[2], *m[0]);
  close_object(*m[0]);
  EXPECT_EQ(open_now(), Names{});
  // glibc before 2.39 sorts a cycle without looking at the object that is closed.
  EXPECT_EQ(made_up.calls(), (Names{"-c", "-a", "-b"}));
}

TEST(CloseObject, KeepsACycleInWhichOneIsOpen) {
  MadeUpProcess made_up;
  std::vector<Module*> m = open_constructed(made_up, {"a", "b"});
  made_up.need(*m[0], *m[1]);
  made_up.need(*m[1], *m[0]);
  handle_state(*m[1]).handles = 1;
  close_object(*m[0]);
  EXPECT_EQ(open_now(), (Names{"a", "b"}));
  EXPECT_EQ(made_up.calls(), Names{});
}

TEST(CloseObject, KeepsWhatAnotherOneThatStaysNeeds) {
  MadeUpProcess made_up;
  std::vector<Module*> first = open_constructed(made_up, {"first", "common", "own"});
  std::vector<Module*> second = open_constructed(made_up, {"second"});
  made_up.need(*first[0], *first[1]);
  made_up.need(*first[0], *first[2]);
  made_up.need(*second[0], *first[1]);
  close_object(*first[0]);
  EXPECT_EQ(open_now(), (Names{"common", "second"}));
  EXPECT_EQ(first[1]->dlopen_state->root, first[1]) << "who brought it is gone";
  close_object(*second[0]);
  EXPECT_EQ(open_now(), Names{});
}

TEST(CloseObject, KeepsWhatAnotherOneIsBoundTo) {
  MadeUpProcess made_up;
  Module& provider = *open_constructed(made_up, {"provider"})[0];
  Module& user = *open_constructed(made_up, {"user"})[0];
  made_up.refer(user, provider);
  close_object(provider);
  EXPECT_EQ(open_now(), (Names{"provider", "user"}));
  close_object(user);
  EXPECT_EQ(open_now(), Names{});
  EXPECT_EQ(made_up.calls(), (Names{"-user", "-provider"}));
}

TEST(CloseObject, KeepsWhatIsPermanentAndAllItNeeds) {
  MadeUpProcess made_up;
  std::vector<Module*> m = open_constructed(made_up, {"root", "permanent", "needed", "rest"});
  for (Module* needed : {m[1], m[3]}) made_up.need(*m[0], *needed);
  made_up.need(*m[1], *m[2]);
  pin(*m[1]);
  close_object(*m[0]);
  EXPECT_EQ(open_now(), (Names{"permanent", "needed"}));
  EXPECT_EQ(made_up.calls(), (Names{"-root", "-rest"}));
}

TEST(CloseObject, KeepsWhatHasDestructorsOfThreadsPending) {
  MadeUpProcess made_up;
  Module& m = *open_constructed(made_up, {"a"})[0];
  m.dlopen_state->life->pending_thread_destructors = 1;
  close_object(m);
  EXPECT_EQ(open_now(), (Names{"a"}));
  m.dlopen_state->life->pending_thread_destructors = 0;
  Module& later = *open_constructed(made_up, {"later"})[0];
  close_object(later);  // the next one that closes something collects it too
  EXPECT_EQ(open_now(), Names{});
}

TEST(CloseObject, DestroysWhatNeedsAnotherOneFirstWhateverTheOrderOfConstruction) {
  MadeUpProcess made_up;
  std::vector<Module*> m = made_up.open(Names{"a", "b", "c"});
  for (Module* needed : {m[1], m[2]}) made_up.need(*m[0], *needed);
  for (size_t i : {1u, 0u, 2u}) construct_once(*m[i]);
  handle_state(*m[0]).handles = 1;
  made_up.forget_calls();
  close_object(*m[0]);
  EXPECT_EQ(made_up.calls(), (Names{"-a", "-b", "-c"}));
}

}  // namespace
}  // namespace ldseal
