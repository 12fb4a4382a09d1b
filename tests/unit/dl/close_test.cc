// An object leaves the process with its last handle, and nothing of it stays.
#include <gtest/gtest.h>

#include "ldso/dl/constructors.h"
#include "ldso/dl/fini.h"
#include "ldso/dl/open.h"
#include "tests/lib_cc/memory_map.h"
#include "tests/lib_cc/open_and_close.h"
#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal {
namespace {

using testing_tools::MadeUpProcess;
using testing_tools::mapped_at;
using testing_tools::open_constructed;
using testing_tools::open_now;
using testing_tools::ScriptedKernel;
using Names = std::vector<std::string>;

TEST(CloseObject, UnloadsItWithItsLastHandle) {
  MadeUpProcess made_up;
  Module& m = *open_constructed(made_up, {"a"})[0];
  handle_state(m).handles = 2;
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
  EXPECT_TRUE(dlopened.global.empty());
  ModuleEntry entry;
  EXPECT_FALSE(module_table.find(start, entry));
  EXPECT_EQ(dlopened.subs, 1u);
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

TEST(CloseObject, AnObjectIsFoundUntilItsOwnDestructorsHaveRun) {
  MadeUpProcess made_up;
  std::vector<Module*> m = open_constructed(made_up, {"a", "b"});
  made_up.need(*m[0], *m[1]);
  bool found_itself = false, found_later = false, found_earlier = true;
  made_up.on_destruction(*m[0], [&] {
    found_itself = loaded_by_name("a") == m[0];
    found_later = loaded_by_name("b") == m[1];
  });
  made_up.on_destruction(*m[1], [&] { found_earlier = loaded_by_name("a") != nullptr; });
  close_object(*m[0]);
  EXPECT_TRUE(found_itself);
  EXPECT_TRUE(found_later);
  EXPECT_FALSE(found_earlier);
}

TEST(CloseObject, KeepsInMemoryWhatADestructorHasOpenedAgain) {
  MadeUpProcess made_up;
  Module& m = *open_constructed(made_up, {"a"})[0];
  made_up.on_destruction(m, [&] { ++handle_state(m).handles; });
  close_object(m);
  EXPECT_EQ(open_now(), (Names{"a"}));
  EXPECT_EQ(loaded_by_name("a"), nullptr) << "it is destroyed";
  close_object(m);
  EXPECT_EQ(open_now(), Names{});
  EXPECT_EQ(made_up.calls(), (Names{"-a"}));
}

TEST(CloseObject, TheProgramStandsForALoaderThatIsGone) {
  MadeUpProcess made_up;
  Module& asking = *open_constructed(made_up, {"asking"})[0];
  Module& brought = *open_constructed(made_up, {"brought"})[0];
  brought.changes->needed_by = &asking;
  close_object(asking);
  EXPECT_EQ(brought.brought_by(), &made_up.program());
}

TEST(CloseObject, EndsTheProcessWhereADestructorIsNoCode) {
  MadeUpProcess made_up;
  Module& m = *open_constructed(made_up, {"a"})[0];
  m.segments.headers = {};
  ScriptedKernel kernel;
  EXPECT_THROW(destroy_once(m), testing_tools::ProcessEnded);
  EXPECT_NE(kernel.written().find("what is no code"), std::string::npos) << kernel.written();
  EXPECT_EQ(made_up.calls(), Names{});
  kernel.forget_mappings();
}

TEST(CloseObject, UnloadsNothingOnceTheProcessEnds) {
  MadeUpProcess made_up;
  Module& m = *open_constructed(made_up, {"a"})[0];
  run_destructors(process);
  close_object(m);
  EXPECT_EQ(open_now(), (Names{"a"}));
  EXPECT_EQ(made_up.calls().back(), "-a");
}

}  // namespace
}  // namespace ldseal
