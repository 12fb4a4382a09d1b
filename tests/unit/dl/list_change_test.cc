// What the child of fork(2) makes of a change of the lists in the middle of which another thread was.
#include "ldso/dl/list_change.h"

#include <gtest/gtest.h>

#include "ldso/dl/rendezvous.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/made_up_process.h"

namespace ldseal {
namespace {

using testing_tools::in_fresh_process;
using testing_tools::MadeUpProcess;
using Modules = std::vector<Module*>;
using Names = std::vector<std::string>;

Modules all_of(const RecordList<Module*>& list) { return {list.begin(), list.end()}; }

void set(RecordList<Module*>& list, const Modules& modules) {
  list.remove_if([](const Module*) { return true; });
  ASSERT_TRUE(list.add_all(modules));
}

bool is_in_table(const Module& m) { return module_table.has(m.link_map); }

// Debuggers' list from the first object that was opened, each leading back to the one before it.
Modules linked(const Module& first) {
  Modules modules;
  const LinkMap* before = first.link_map->l_prev;
  for (const LinkMap* map = first.link_map; map != nullptr; before = map, map = map->l_next) {
    EXPECT_EQ(map->l_prev, before);
    modules.push_back(map->module);
  }
  return modules;
}

// That the counts, the table and debuggers' list have these objects.
void expect_everywhere(const Modules& modules) {
  const DlopenedObjects& o = dlopened;
  EXPECT_EQ(all_of(o.modules), modules);
  EXPECT_EQ(linked(*modules[0]), modules);
  EXPECT_EQ(o.adds - o.subs, modules.size());
  EXPECT_EQ(o.change, ChangeOfLists::kNone);
  for (const Module* m : modules) EXPECT_TRUE(is_in_table(*m));
}

TEST(CompleteListChange, LeavesAloneWhatNobodyWasChanging) {
  in_fresh_process([] {
    MadeUpProcess made_up;
    Module& m = made_up.open("a");
    m.dlopen_state->is_leaving = true;
    complete_list_change();
    expect_everywhere({&m});
  });
}

TEST(CompleteListChange, AddsWhatIsInTheListOfObjectsToTheOthers) {
  in_fresh_process([] {
    MadeUpProcess made_up;
    Modules m = made_up.open(Names{"a", "b", "c"});
    module_table.replace(Modules{m[0]});
    dlopened.adds = 1;
    m[0]->link_map->l_next = nullptr;
    m[0]->dlopen_state->is_leaving = true;  // a destructor opens the others
    dlopened.change = ChangeOfLists::kAny;
    complete_list_change();
    expect_everywhere(m);
    EXPECT_EQ(dlopened.adds, 3u);
  });
}

TEST(CompleteListChange, ForgetsAnAdditionThatHadNotBegun) {
  in_fresh_process([] {
    MadeUpProcess made_up;
    Module& m = made_up.open("a");
    dlopened.adds = 4;
    dlopened.subs = 1;
    LinkMap halfway;
    m.link_map->l_next = &halfway;
    dlopened.change = ChangeOfLists::kAny;
    complete_list_change();
    expect_everywhere({&m});
  });
}

TEST(CompleteListChange, CompletesARemovalFromEveryStateOfTheLists) {
  // b and d leave. Each row is a moment of remove_if.
  const std::vector<std::vector<int>> moments = {
      {0, 1, 2, 3, 4}, {0, 2, 2, 3, 4}, {0, 2, 4, 3, 4}, {0, 2, 4}};
  for (const std::vector<int>& moment : moments) {
    in_fresh_process([&] {
      MadeUpProcess made_up;
      Modules m = made_up.open(Names{"a", "b", "c", "d", "e"}), now;
      for (int i : moment) now.push_back(m[static_cast<size_t>(i)]);
      set(dlopened.modules, now);
      set(dlopened.global, now);
      for (Module* each : m) each->dlopen_state->root = m[1];
      m[2]->changes->needed_by = m[3];
      m[1]->dlopen_state->is_leaving = m[3]->dlopen_state->is_leaving = true;
      dlopened.change = ChangeOfLists::kRemoval;
      complete_list_change();
      expect_everywhere({m[0], m[2], m[4]});
      EXPECT_EQ(all_of(dlopened.global), (Modules{m[0], m[2], m[4]}));
      EXPECT_EQ(dlopened.subs, 2u);
      EXPECT_EQ(m[4]->dlopen_state->root, m[4]);
      EXPECT_EQ(m[2]->brought_by(), &made_up.program());
      EXPECT_FALSE(is_in_table(*m[1]) || is_in_table(*m[3]));
    });
  }
}

TEST(ListChange, SaysOfWhichKindItIsAsLongAsItGoesOn) {
  {
    ListChange change(ChangeOfLists::kRemoval);
    EXPECT_EQ(dlopened.change, ChangeOfLists::kRemoval);
    EXPECT_TRUE(list_lock.is_mine());
  }
  EXPECT_EQ(dlopened.change, ChangeOfLists::kNone);
  EXPECT_FALSE(list_lock.is_mine());
}

}  // namespace
}  // namespace ldseal
