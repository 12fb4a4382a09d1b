// The order of constructors, of each libc.
#include "ldso/dl/constructor_order.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "tests/lib_cc/heap_arena.h"

namespace ldseal {
namespace {

using testing_tools::HeapArena;
using Names = std::vector<std::string>;

// Objects in the order of loading; the program is the first.
class Objects {
 public:
  explicit Objects(const Names& libraries) {
    add("program", ModuleKind::kProgram);
    for (const std::string& name : libraries) add(name, ModuleKind::kLibrary);
  }
  Module& operator[](const std::string& name) {
    auto is_it = [&](const Module* m) { return m->soname == name; };
    return **std::find_if(modules_.begin(), modules_.end(), is_it);
  }
  Module& operator[](size_t i) { return *modules_[i]; }
  size_t size() const { return modules_.size(); }
  Objects& need(const std::string& module, const std::string& needed) {
    (*this)[module].needed.add(arena_, &(*this)[needed]);
    return *this;
  }
  void need(size_t module, size_t needed) {
    modules_[module]->needed.add(arena_, modules_[needed]);
  }
  Names order(LibcRules rules, size_t preload_count = 0) {
    Names names;
    for (const Module* m : constructor_order(modules_, preload_count, rules, arena_, arena_))
      names.emplace_back(m->soname);
    return names;
  }
  Module& add(const std::string& name, ModuleKind kind) {
    modules_.push_back(arena_.make<Module>());
    modules_.back()->soname = arena_.copy(name);
    modules_.back()->kind = kind;
    return *modules_.back();
  }

 private:
  HeapArena arena_;
  std::vector<Module*> modules_;
};

TEST(ConstructorOrder, OfAChainIsFromItsEndToItsBeginning) {
  for (LibcRules rules : {LibcRules::kGlibc, LibcRules::kMusl}) {
    Objects chain({"a", "b", "c"});
    chain.need("program", "a").need("a", "b").need("b", "c");
    EXPECT_EQ(chain.order(rules), (Names{"c", "b", "a"}));
  }
}

TEST(ConstructorOrder, OfADiamondHasTheCommonLibraryFirst) {
  Objects diamond({"left", "right", "base"});
  diamond.need("program", "left").need("program", "right");
  diamond.need("left", "base").need("right", "base");
  EXPECT_EQ(diamond.order(LibcRules::kGlibc), (Names{"base", "right", "left"}));
  EXPECT_EQ(diamond.order(LibcRules::kMusl), (Names{"base", "left", "right"}));
}

TEST(ConstructorOrder, OfACycleBeginsWhereThatLibcCutsIt) {
  Objects cycle({"a", "b", "c"});
  cycle.need("program", "a").need("a", "b").need("b", "c").need("c", "a");
  EXPECT_EQ(cycle.order(LibcRules::kGlibc), (Names{"b", "a", "c"}));  // c is the last loaded
  EXPECT_EQ(cycle.order(LibcRules::kMusl), (Names{"c", "b", "a"}));
}

TEST(ConstructorOrder, HasALibraryThatNeedsItselfOnce) {
  for (LibcRules rules : {LibcRules::kGlibc, LibcRules::kMusl}) {
    Objects objects({"a"});
    objects.need("program", "a").need("a", "a");
    EXPECT_EQ(objects.order(rules), (Names{"a"}));
  }
}

TEST(ConstructorOrder, HasLibrariesThatAreNotNeeded) {
  Objects objects({"preloaded", "needed", "below"});
  objects.need("program", "needed").need("preloaded", "below");
  EXPECT_EQ(objects.order(LibcRules::kGlibc, 1), (Names{"below", "needed", "preloaded"}));
}

TEST(ConstructorOrder, OfMuslHasThePreloadsAsTheProgramsFirstNeeds) {
  Objects objects({"preloaded", "second", "needed", "below"});
  objects.need("program", "needed").need("preloaded", "below").need("second", "needed");
  EXPECT_EQ(objects.order(LibcRules::kMusl, 2), (Names{"below", "preloaded", "needed", "second"}));
}

TEST(ConstructorOrder, LeavesOutWhatLibcConstructs) {
  for (LibcRules rules : {LibcRules::kGlibc, LibcRules::kMusl}) {
    Objects objects({"a"});
    objects.add("libc", ModuleKind::kLibc);
    objects.add("rtld", ModuleKind::kLibcRtld);
    objects.need("program", "a").need("a", "libc").need("libc", "rtld");
    EXPECT_EQ(objects.order(rules), (Names{"a"}));
  }
}

TEST(ConstructorOrder, DoesNotMarkTheProgramThatALibraryNeeds) {
  Objects objects({"a"});
  Module program;
  program.kind = ModuleKind::kProgram;
  HeapArena arena;
  objects["a"].needed.add(arena, &program);
  EXPECT_EQ(objects.order(LibcRules::kGlibc), (Names{"a"}));
  EXPECT_FALSE(program.visited) << "it is read-only once start-up is over";
}

TEST(ConstructorOrder, OfAChainOfThousandsTakesNoStack) {
  constexpr size_t kCount = 50'000;
  Objects chain({});
  for (size_t i = 1; i <= kCount; ++i) {
    chain.add(std::to_string(i), ModuleKind::kLibrary);
    chain.need(i - 1, i);
  }
  Names order = chain.order(LibcRules::kMusl);
  ASSERT_EQ(order.size(), kCount);
  for (size_t i = 0; i < kCount; ++i) ASSERT_EQ(order[i], std::to_string(kCount - i));
}

// The walk as it is written in a book.
class PlainWalk {
 public:
  PlainWalk(Objects& objects, LibcRules rules) {
    if (rules == LibcRules::kMusl) visit(objects[0]);
    for (size_t i = objects.size(); i > 0; --i) visit(objects[i - 1]);
  }
  const Names& order() const { return order_; }

 private:
  void visit(const Module& m) {
    if (std::find(seen_.begin(), seen_.end(), &m) != seen_.end()) return;
    seen_.push_back(&m);
    for (const Module* needed : m.needed) {
      if (needed->kind != ModuleKind::kProgram) visit(*needed);
    }
    if (m.kind == ModuleKind::kLibrary) order_.emplace_back(m.soname);
  }
  std::vector<const Module*> seen_;
  Names order_;
};

TEST(ConstructorOrder, IsThatOfAPlainDepthFirstWalk) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    size_t count = 2 + random() % 12;
    Objects objects({});
    for (size_t i = 1; i < count; ++i) objects.add(std::to_string(i), ModuleKind::kLibrary);
    for (size_t edges = random() % (3 * count); edges > 0; --edges)
      objects.need(random() % count, random() % count);
    for (LibcRules rules : {LibcRules::kGlibc, LibcRules::kMusl}) {
      Names plain = PlainWalk(objects, rules).order();
      ASSERT_EQ(objects.order(rules), plain) << "round " << round;
      ASSERT_EQ(objects.order(rules), plain) << "a second time, round " << round;
    }
  }
}

}  // namespace
}  // namespace ldseal
