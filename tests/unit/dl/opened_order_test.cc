// The orders of glibc's and of musl's loader for what is opened, and for all destructors.
#include "ldso/dl/opened_order.h"

#include <gtest/gtest.h>

#include "ldso/dl/opened.h"
#include "tests/lib_cc/made_up_process.h"

namespace ldseal {
namespace {

using testing_tools::MadeUpProcess;
using Names = std::vector<std::string>;

Names names_of(const List<Module*>& modules) {
  Names names;
  for (const Module* m : modules) names.emplace_back(m->soname);
  return names;
}

Names constructed(Module& root, IsLoaded when = IsLoaded::kJustNow) {
  TemporaryArena scratch;
  size_t count = number_objects({}, scratch).size();
  return names_of(construction_order(root, when, count, scratch));
}

Names destroyed() {
  TemporaryArena scratch;
  size_t count = number_objects({}, scratch).size();
  const RecordList<Module*>& all = dlopened.modules;
  return names_of(destruction_order({all.begin(), all.size()}, count, scratch));
}

Names destroyed_from(Module& closed) {
  TemporaryArena scratch;
  size_t count = number_objects({}, scratch).size();
  const RecordList<Module*>& all = dlopened.modules;
  return names_of(destruction_order_from(closed, {all.begin(), all.size()}, count, scratch));
}

// root, x and y need each other in a ring.
std::vector<Module*> ring(MadeUpProcess& made_up) {
  std::vector<Module*> m = made_up.open(Names{"root", "x", "y"});
  for (size_t i = 0; i < m.size(); ++i) made_up.need(*m[i], *m[(i + 1) % m.size()]);
  return m;
}

TEST(ConstructionOrder, HasTheOpenedObjectLastInACycle) {
  MadeUpProcess made_up;
  EXPECT_EQ(constructed(*ring(made_up)[0]), (Names{"y", "x", "root"}));
}

TEST(ConstructionOrder, OfARingThatWasLoadedBeforeHasTheOpenedObjectLastToo) {
  MadeUpProcess made_up;
  EXPECT_EQ(constructed(*ring(made_up)[1], IsLoaded::kBefore).back(), "x");
}

TEST(ConstructionOrder, IsMuslsOwnWalkFromTheOpenedObject) {
  MadeUpProcess made_up(LibcFamily::kMusl);
  std::vector<Module*> m = made_up.open(Names{"root", "x", "y"});
  made_up.need(*m[0], *m[1]);
  made_up.need(*m[0], *m[2]);
  EXPECT_EQ(constructed(*m[0]), (Names{"x", "y", "root"}));
}

TEST(ConstructionOrder, IsGlibcsWalkFromTheLastLoaded) {
  MadeUpProcess made_up;
  std::vector<Module*> m = made_up.open(Names{"root", "x", "y"});
  made_up.need(*m[0], *m[1]);
  made_up.need(*m[0], *m[2]);
  EXPECT_EQ(constructed(*m[0]), (Names{"y", "x", "root"}));
}

TEST(DestructionOrder, IsThatOfLoadingWhereNothingIsNeeded) {
  MadeUpProcess made_up;
  made_up.open(Names{"a", "b", "c"});
  EXPECT_EQ(destroyed(), (Names{"a", "b", "c"}));
}

TEST(DestructionOrder, HasTheClosedObjectFirstInACycle) {
  MadeUpProcess made_up;
  std::vector<Module*> m = ring(made_up);
  EXPECT_EQ(destroyed(), (Names{"y", "root", "x"}));
  EXPECT_EQ(destroyed_from(*m[0]), (Names{"root", "y", "x"}));
  EXPECT_EQ(destroyed_from(*m[1]).front(), "x");
}

TEST(DestructionOrder, HasWhatIsBoundAtRunTimeBehindItsUser) {
  MadeUpProcess made_up;
  std::vector<Module*> m = made_up.open(Names{"provider", "user"});
  made_up.refer(*m[1], *m[0]);
  EXPECT_EQ(destroyed(), (Names{"user", "provider"}));
}

TEST(DestructionOrder, PutsWhatIsNeededByNameAboveBindings) {
  MadeUpProcess made_up;
  std::vector<Module*> m = made_up.open(Names{"needed", "needing"});
  made_up.need(*m[1], *m[0]);
  made_up.refer(*m[0], *m[1]);
  EXPECT_EQ(destroyed(), (Names{"needing", "needed"}));
}

// In a cycle the second walk begins with what the first has put last.
TEST(DestructionOrder, OfACycleDependsOnABindingFromElsewhere) {
  MadeUpProcess made_up;
  std::vector<Module*> m = made_up.open(Names{"a", "b", "c"});
  made_up.need(*m[0], *m[1]);
  made_up.need(*m[1], *m[0]);
  EXPECT_EQ(destroyed(), (Names{"b", "a", "c"}));
  made_up.refer(*m[2], *m[0]);
  EXPECT_EQ(destroyed(), (Names{"c", "b", "a"}));
}
TEST(DestructionOrder, IsNotThatOfBindingsToWhatIsNeededAnyway) {
  MadeUpProcess made_up;
  std::vector<Module*> m = made_up.open(Names{"a", "b", "c"});
  made_up.need(*m[0], *m[1]);
  made_up.need(*m[1], *m[0]);
  made_up.need(*m[2], *m[0]);
  made_up.refer(*m[2], *m[0]);
  EXPECT_EQ(destroyed(), (Names{"c", "a", "b"}));
}

TEST(FirstToInitialise, IsTheLastOfThoseWithTheFlagAndNobodyInMusl) {
  for (LibcFamily family : {LibcFamily::kGlibc, LibcFamily::kMusl}) {
    MadeUpProcess made_up(family);
    std::vector<Module*> m = made_up.open(Names{"a", "b", "c"});
    for (size_t i : {0u, 1u}) m[i]->dynamic.flags_1 = DF_1_INITFIRST;
    Module* wanted = family == LibcFamily::kGlibc ? m[1] : nullptr;
    EXPECT_EQ(first_to_initialise({m.data(), m.size()}), wanted);
  }
}

}  // namespace
}  // namespace ldseal
