// Which objects leave the process with a handle, in which order they are destroyed, and that
// nothing of them stays.
#include <gtest/gtest.h>

#include "ldso/dl/constructors.h"
#include "ldso/dl/open.h"
#include "tests/lib_cc/made_up_process.h"
#include "tests/lib_cc/memory_map.h"

namespace ldseal {
namespace {

using testing_tools::MadeUpProcess;
using testing_tools::mapped_at;
using Names = std::vector<std::string>;

Names open_now() {
  Names names;
  for (const Module* m : opened_objects.modules) names.emplace_back(m->soname);
  return names;
}

// As a dlopen of "root" does that brings all of these, the last constructed first.
std::vector<Module*> open_constructed(MadeUpProcess& made_up, const Names& names) {
  std::vector<Module*> modules = made_up.open(names);
  for (size_t i = modules.size(); i > 0; --i) construct_opened(*modules[i - 1]);
  made_up.forget_calls();
  return modules;
}

TEST(CloseObject, UnloadsItWithItsLastHandle) {
  MadeUpProcess made_up;
  Module& m = *open_constructed(made_up, {"a"})[0];
  handle_state(m) = 2;
  EXPECT_TRUE(close_object(m));
  EXPECT_EQ(open_now(), (Names{"a"}));
  EXPECT_TRUE(close_object(m));
  EXPECT_EQ(open_now(), Names{});
  EXPECT_EQ(made_up.calls(), (Names{"-a"}));
}

TEST(CloseObject, RefusesOneThatIsNotOpen) {
  MadeUpProcess made_up;
  std::vector<Module*> m = open_constructed(made_up, {"root", "needed"});
  made_up.need(*m[0], *m[1]);
  EXPECT_FALSE(close_object(*m[1]));
  EXPECT_FALSE(close_object(made_up.program()));
  EXPECT_EQ(open_now(), (Names{"root", "needed"}));
}

TEST(CloseObject, KeepsEverythingWithMusl) {
  MadeUpProcess made_up(LibcFamily::kMusl);
  Module& m = *open_constructed(made_up, {"a"})[0];
  EXPECT_TRUE(close_object(m));
  EXPECT_EQ(open_now(), (Names{"a"}));
  EXPECT_EQ(made_up.calls(), Names{});
}

TEST(CloseObject, LeavesNothingOfTheObjectBehind) {
  MadeUpProcess made_up;
  Module& m = *open_constructed(made_up, {"a"})[0];
  Address start = m.span.start;
  LinkMap* before = m.link_map->l_prev;
  search_list_of(m);
  make_global(m);
  ASSERT_NE(mapped_at(start).flags, "");
  close_object(m);
  EXPECT_EQ(mapped_at(start).flags, "");
  EXPECT_EQ(before->l_next, nullptr);
  EXPECT_TRUE(opened_objects.global.empty());
  ObjectEntry entry;
  EXPECT_FALSE(object_table.find(start, entry));
  EXPECT_EQ(opened_objects.subs, 1u);
}

TEST(CloseObject, UnloadsACycleAsAWhole) {
  MadeUpProcess made_up;
  std::vector<Module*> m = open_constructed(made_up, {"a", "b", "c"});
  made_up.need(*m[0], *m[1]);
  made_up.need(*m[1], *m[2]);
  made_up.need(*m[2], *m[0]);
  close_object(*m[0]);
  EXPECT_EQ(open_now(), Names{});
  EXPECT_EQ(made_up.calls(), (Names{"-a", "-b", "-c"}));
}

TEST(CloseObject, KeepsACycleInWhichOneIsOpen) {
  MadeUpProcess made_up;
  std::vector<Module*> m = open_constructed(made_up, {"a", "b"});
  made_up.need(*m[0], *m[1]);
  made_up.need(*m[1], *m[0]);
  handle_state(*m[1]) = 1;
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
  EXPECT_EQ(first[1]->opened->root, first[1]) << "who brought it is gone";
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
  make_permanent(*m[1]);
  close_object(*m[0]);
  EXPECT_EQ(open_now(), (Names{"permanent", "needed"}));
  EXPECT_EQ(made_up.calls(), (Names{"-root", "-rest"}));
}

TEST(CloseObject, KeepsWhatHasDestructorsOfThreadsPending) {
  MadeUpProcess made_up;
  Module& m = *open_constructed(made_up, {"a"})[0];
  m.opened->pending_thread_destructors = 1;
  close_object(m);
  EXPECT_EQ(open_now(), (Names{"a"}));
  m.opened->pending_thread_destructors = 0;
  Module& later = *open_constructed(made_up, {"later"})[0];
  close_object(later);  // the next one that closes something collects it too
  EXPECT_EQ(open_now(), Names{});
}

TEST(CloseObject, DestroysTheLastConstructedFirstWhateverTheOrderOfLoading) {
  MadeUpProcess made_up;
  std::vector<Module*> m = made_up.open(Names{"a", "b", "c"});
  for (Module* needed : {m[1], m[2]}) made_up.need(*m[0], *needed);
  for (size_t i : {1u, 0u, 2u}) construct_opened(*m[i]);
  made_up.forget_calls();
  close_object(*m[0]);
  EXPECT_EQ(made_up.calls(), (Names{"-c", "-a", "-b"}));
}

TEST(CloseObject, ADestructorMayCloseMore) {
  MadeUpProcess made_up;
  Module& inner = *open_constructed(made_up, {"inner"})[0];
  Module& outer = *open_constructed(made_up, {"outer"})[0];
  made_up.on_destruction(outer, [&] { close_object(inner); });
  close_object(outer);
  EXPECT_EQ(made_up.calls(), (Names{"-outer", "-inner"}));
  EXPECT_EQ(open_now(), Names{});
}

TEST(CloseObject, NobodyFindsAnObjectWhoseDestructorRuns) {
  MadeUpProcess made_up;
  Module& m = *open_constructed(made_up, {"a"})[0];
  bool was_found = true;
  made_up.on_destruction(m, [&] { was_found = loaded_by_name("a") != nullptr; });
  close_object(m);
  EXPECT_FALSE(was_found);
}

TEST(CloseObject, TheProgramStandsForALoaderThatIsGone) {
  MadeUpProcess made_up;
  Module& asking = *open_constructed(made_up, {"asking"})[0];
  Module& brought = *open_constructed(made_up, {"brought"})[0];
  brought.loader = &asking;
  close_object(asking);
  EXPECT_EQ(brought.loader, &made_up.program());
}

TEST(CloseObject, UnloadsNothingOnceTheProcessEnds) {
  MadeUpProcess made_up;
  Module& m = *open_constructed(made_up, {"a"})[0];
  run_opened_destructors();
  close_object(m);
  EXPECT_EQ(open_now(), (Names{"a"}));
  EXPECT_EQ(made_up.calls(), (Names{"-a"}));
}

}  // namespace
}  // namespace ldseal
