// The objects that dlopen has brought: their numbers, their names, and who sees whom.
#include "ldso/dl/opened.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/described.h"
#include "tests/lib_cc/made_up_process.h"

namespace ldseal {
namespace {

using testing_tools::Described;
using testing_tools::MadeUpProcess;
using testing_tools::ObjectSpec;
using testing_tools::wanted;
using Names = std::vector<std::string>;

Names names_of(std::span<Module* const> modules) {
  Names names;
  for (const Module* m : modules) names.emplace_back(m->soname);
  return names;
}

TEST(NumberObjects, PutsThoseOfStartUpFirstAndTheGroupLast) {
  MadeUpProcess made_up;
  made_up.add_library("library");
  made_up.open("opened");
  Module incoming;
  incoming.soname = "incoming";
  Module* const group[] = {&incoming};
  TemporaryArena scratch;
  EXPECT_EQ(names_of(number_objects(group, scratch)),
            (Names{"program", "library", "ld-seal.so.1", "opened", "incoming"}));
}

TEST(NumberObjects, GivesEachObjectItsPlaceInTheList) {
  MadeUpProcess made_up;
  made_up.add_library("library");
  made_up.open(Names{"a", "b", "c"});
  TemporaryArena scratch;
  std::span<Module* const> numbering = number_objects({}, scratch);
  ASSERT_EQ(numbering.size(), object_count());
  for (size_t i = 0; i < numbering.size(); ++i) EXPECT_EQ(numbering[i]->scope_position, i);
}

TEST(NumberObjects, GivesTheNumberOfAClosedObjectAgainAndChangesNoOther) {
  MadeUpProcess made_up;
  Module& first = made_up.open("first");
  Module& second = made_up.open("second");
  dlopened.modules.remove_if([&](const Module* m) { return m == &first; });
  EXPECT_EQ(object_count(), 4u) << "the last one has the last number";
  Module& third = made_up.open("third");
  EXPECT_EQ(second.scope_position, 3u);
  EXPECT_EQ(third.scope_position, 2u);
  ASSERT_TRUE(dlopened.modules.add(&first));  // for the end of the process
}

TEST(NumberObjects, GivesNoNumberOfAnObjectThatIsBeingLinked) {
  MadeUpProcess made_up;
  Module outer, inner;
  Module *const outer_group[] = {&outer}, *const inner_group[] = {&inner};
  TemporaryArena scratch;
  number_objects(outer_group, scratch);
  DlopenGroup& group = begin_group();
  group.incoming = outer_group;
  dlopened.incoming = &group;
  EXPECT_EQ(number_objects(inner_group, scratch)[outer.scope_position], &outer);
  EXPECT_NE(inner.scope_position, outer.scope_position);
  dlopened.incoming = nullptr;
  end_if_empty(group);
}

TEST(IsOpenedObject, KnowsThoseThatAreThereAndThoseThatAreBeingLinked) {
  MadeUpProcess made_up;
  Module incoming, forged;
  Module* const modules[] = {&incoming};
  DlopenGroup& group = begin_group();
  group.incoming = modules;
  dlopened.incoming = &group;
  EXPECT_TRUE(is_opened_object(&made_up.open("opened")));
  EXPECT_TRUE(is_opened_object(&incoming));
  EXPECT_FALSE(is_opened_object(&forged));
  dlopened.incoming = nullptr;
  end_if_empty(group);
}

TEST(SearchList, IsBreadthFirstWithEachObjectOnce) {
  MadeUpProcess made_up;
  std::vector<Module*> m = made_up.open(Names{"root", "left", "right", "base"});
  made_up.need(*m[0], *m[1]);
  made_up.need(*m[0], *m[2]);
  made_up.need(*m[1], *m[3]);
  made_up.need(*m[2], *m[3]);
  made_up.need(*m[3], *m[0]);
  EXPECT_EQ(names_of(search_list_of(*m[0]).span()), (Names{"root", "left", "right", "base"}));
  EXPECT_EQ(names_of(search_list_of(*m[2]).span()), (Names{"right", "base", "root", "left"}));
}

TEST(SearchList, HasUsDirectlyBeforeLibc) {
  MadeUpProcess made_up;
  Module libc;
  libc.kind = ModuleKind::kLibc;
  libc.soname = "libc";
  made_up.add_libc(libc);
  std::vector<Module*> m = made_up.open(Names{"root", "other"});
  made_up.need(*m[0], libc);
  made_up.need(*m[0], *m[1]);
  EXPECT_EQ(names_of(search_list_of(*m[0]).span()),
            (Names{"root", "ld-seal.so.1", "libc", "other"}));
}

TEST(SearchList, OfAnObjectOfStartUpIsMadeToo) {
  MadeUpProcess made_up;
  Module& needed = made_up.add_library("needed");
  made_up.need(made_up.program(), needed);
  EXPECT_EQ(names_of(search_list_of(made_up.program()).span()), (Names{"program", "needed"}));
}

TEST(LoadedByName, AnswersToEveryNameOfAnOpenedObject) {
  MadeUpProcess made_up;
  Module& m = made_up.open("liba.so");
  m.needed_as = "liba.so.0";
  for (const char* name : {"liba.so", "liba.so.0", "/made-up/liba.so"})
    EXPECT_EQ(loaded_by_name(name), &m) << name;
  EXPECT_EQ(loaded_by_name("libb.so"), nullptr);
  EXPECT_EQ(loaded_by_name("ld-seal.so.1"), &made_up.self());
}

TEST(LoadedByName, DoesNotFindAnObjectWhoseDestructorsRun) {
  MadeUpProcess made_up;
  made_up.open("liba.so").dlopen_state->life->is_removed = true;
  EXPECT_EQ(loaded_by_name("liba.so"), nullptr);
}

TEST(LoadedByFile, FindsAnOpenedObjectUntilItLeaves) {
  MadeUpProcess made_up;
  Module& m = made_up.open("liba.so");
  m.identity = {3, 5};
  EXPECT_EQ(loaded_by_file({3, 5}), &m);
  EXPECT_EQ(loaded_by_file({5, 3}), nullptr);
  m.dlopen_state->life->is_removed = true;
  EXPECT_EQ(loaded_by_file({3, 5}), nullptr);
}

TEST(ModuleOfHandle, IsTheObjectWhoseLinkMapItIs) {
  MadeUpProcess made_up;
  Module& m = made_up.open("liba.so");
  EXPECT_EQ(module_of_handle(m.link_map), &m);
  EXPECT_EQ(module_of_handle(&m), nullptr);
}

TEST(ObjectAt, IsTheOpenedObjectThatHoldsTheAddress) {
  MadeUpProcess made_up;
  Module& m = made_up.open("liba.so");
  EXPECT_EQ(object_at(m.span.start), &m);
  EXPECT_EQ(object_at(Address(m.span.end.value - 1)), &m);
  EXPECT_EQ(object_at(m.span.end), nullptr);
}

TEST(MakeGlobal, TakesAllThatTheObjectNeedsOnce) {
  MadeUpProcess made_up;
  std::vector<Module*> m = made_up.open(Names{"root", "needed"});
  made_up.need(*m[0], *m[1]);
  made_up.open("other");
  make_global(*m[0]);
  make_global(*m[1]);
  std::span<Module* const> global{dlopened.global.begin(), dlopened.global.size()};
  EXPECT_EQ(names_of(global), (Names{"root", "needed"}));
}

TEST(HandlesOf, AreCountedForObjectsOfStartUpToo) {
  MadeUpProcess made_up;
  Module& library = made_up.add_library("library");
  ++handle_state(library).handles;
  EXPECT_EQ(handle_state(library).handles, 1u);
  EXPECT_EQ(handle_state(made_up.program()).handles, 0u);
}

// An object with the STB_GNU_UNIQUE symbol `thing`.
class WithUnique {
 public:
  WithUnique() : object_(spec()) {}
  Definition definition() {
    Module& m = object_.module();
    return {&m, find_symbol(m.symbols(), wanted("thing"), ReferenceKind::kAddress)};
  }
  Module& module() { return object_.module(); }

 private:
  static ObjectSpec spec() {
    ObjectSpec spec;
    spec.symbols = {{.name = "thing", .binding = STB_GNU_UNIQUE, .type = STT_OBJECT}};
    return spec;
  }
  Described object_;
};

// Gives an opened object the symbols of a described one.
Definition as_opened(Module& opened, WithUnique& described) {
  opened.tables = described.module().tables;
  return {&opened, described.definition().symbol};
}

TEST(UniqueDefinition, IsTheFirstOneForAllThatComeLater) {
  MadeUpProcess made_up;
  WithUnique first_object, second_object;
  Module& first = made_up.open("first");
  Module& second = made_up.open("second");
  Definition first_found = as_opened(first, first_object);
  Definition second_found = as_opened(second, second_object);
  EXPECT_EQ(unique_definition(first_found, wanted("thing")).module, &first);
  EXPECT_EQ(unique_definition(second_found, wanted("thing")).module, &first);
  EXPECT_TRUE(first.dlopen_state->is_pinned) << "others may be bound to it from now on";
  EXPECT_FALSE(second.dlopen_state->is_pinned);
}

TEST(UniqueDefinition, OfStartUpIsEverybodys) {
  MadeUpProcess made_up;
  WithUnique object_at_start, opened_object;
  Module& library = made_up.add_library("library");
  library.tables = object_at_start.module().tables;
  Module& opened = made_up.open("opened");
  Definition found = as_opened(opened, opened_object);
  EXPECT_EQ(unique_definition(found, wanted("thing")).module, &library);
  EXPECT_FALSE(opened.dlopen_state->is_pinned);
}

}  // namespace
}  // namespace ldseal
