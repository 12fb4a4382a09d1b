// The global scope, held against a scan of every module in order.
#include "ldso/link/scope.h"

#include <cstring>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <random>

#include "tests/lib_cc/described.h"

namespace ldseal {
namespace {

using testing_tools::Described;
using testing_tools::HeapArena;
using testing_tools::ObjectSpec;
using testing_tools::SymbolSpec;
using testing_tools::version_named;
using testing_tools::wanted;

constexpr uint64_t kAllDirect = 0;
constexpr uint64_t kSmallIndexed = 8;  // what is small beside it is for the scope to say
constexpr uint64_t kAllIndexed = UINT64_MAX;

// Modules in the order of a scope.
class Modules {
 public:
  Modules() = default;
  explicit Modules(const std::vector<ObjectSpec>& specs) {
    for (const ObjectSpec& spec : specs) add(spec);
  }
  void add(const ObjectSpec& spec) {
    objects_.push_back(std::make_unique<Described>(spec));
    order_.push_back(&objects_.back()->module());
  }
  Scope scope(uint64_t references, WeakDefinitions weak = WeakDefinitions::kCount) {
    Scope scope(weak);
    scope.build({order_.data(), order_.size()}, references, arena_);
    return scope;
  }
  // What a scan of every module in order finds.
  Definition scan(const SymbolQuery& reference, ReferenceKind kind, const Module* skipped) const {
    for (Module* m : order_) {
      if (m == skipped) continue;
      if (const Sym* s = find_symbol(m->symbols(), reference, kind)) return {m, s};
    }
    return {};
  }
  Module* operator[](size_t i) const { return order_[i]; }
  size_t size() const { return order_.size(); }

 private:
  HeapArena arena_;
  std::vector<std::unique_ptr<Described>> objects_;
  std::vector<Module*> order_;
};

ObjectSpec with(std::vector<SymbolSpec> symbols) {
  ObjectSpec spec;
  spec.symbols = std::move(symbols);
  return spec;
}

class ScopeFind : public testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Modules, ScopeFind,
                         testing::Values(kAllDirect, kSmallIndexed, kAllIndexed),
                         [](const auto& info) {
                           return info.param == kAllDirect    ? "AllDirect"
                                  : info.param == kAllIndexed ? "AllIndexed"
                                                              : "SmallIndexed";
                         });

TEST_P(ScopeFind, GivesTheFirstDefinitionInTheOrder) {
  Modules modules({with({{.name = "a"}}), with({{.name = "it"}, {.name = "b"}, {.name = "c"}}),
                   with({{.name = "it"}})});
  Scope scope = modules.scope(GetParam());
  EXPECT_EQ(scope.find(wanted("it"), ReferenceKind::kCall).module, modules[1]);
}

TEST_P(ScopeFind, AWeakDefinitionIsNotPassedOverForALaterStrongOne) {
  Modules modules({with({{.name = "it", .binding = STB_WEAK}}), with({{.name = "it"}})});
  EXPECT_EQ(modules.scope(GetParam()).find(wanted("it"), ReferenceKind::kCall).module, modules[0]);
}

TEST_P(ScopeFind, AWeakDefinitionGivesWayIfThatIsAskedFor) {
  SymbolSpec weak = {.name = "it", .binding = STB_WEAK},
             only = {.name = "only", .binding = STB_WEAK};
  Modules modules(
      {with({weak, only}), with({only}), with({{.name = "it"}}), with({{.name = "it"}})});
  Scope scope = modules.scope(GetParam(), WeakDefinitions::kGiveWay);
  EXPECT_EQ(scope.find(wanted("it"), ReferenceKind::kCall).module, modules[2]);
  EXPECT_EQ(scope.find(wanted("it"), ReferenceKind::kCall, modules[2]).module, modules[3]);
  EXPECT_EQ(scope.find(wanted("only"), ReferenceKind::kCall).module, modules[0]);
  EXPECT_FALSE(scope.find(wanted("none"), ReferenceKind::kCall).is_there());
}

TEST_P(ScopeFind, PassesOverTheSkippedModule) {
  Modules modules({with({{.name = "it"}}), with({{.name = "other"}}), with({{.name = "it"}})});
  Scope scope = modules.scope(GetParam());
  EXPECT_EQ(scope.find(wanted("it"), ReferenceKind::kAddress, modules[0]).module, modules[2]);
}

TEST_P(ScopeFind, GivesNothingForANameThatNobodyDefines) {
  Modules modules({with({{.name = "a"}}), with({{.name = "it", .defined = false}})});
  Definition found = modules.scope(GetParam()).find(wanted("it"), ReferenceKind::kCall);
  EXPECT_EQ(found.module, nullptr);
  EXPECT_EQ(found.symbol, nullptr);
}

TEST_P(ScopeFind, TellsNamesApartWhoseHashesDifferInTheLostBitOnly) {
  ASSERT_EQ(gnu_hash("ab") | 1, gnu_hash("ac") | 1);
  Modules modules({with({{.name = "ab"}}), with({{.name = "ac"}})});
  Scope scope = modules.scope(GetParam());
  EXPECT_EQ(scope.find(wanted("ab"), ReferenceKind::kCall).module, modules[0]);
  EXPECT_EQ(scope.find(wanted("ac"), ReferenceKind::kCall).module, modules[1]);
}

TEST_P(ScopeFind, TellsNamesOfEqualHashApart) {
  ASSERT_EQ(gnu_hash("aB"), gnu_hash("b!"));
  Modules modules({with({{.name = "aB"}}), with({{.name = "b!"}})});
  Scope scope = modules.scope(GetParam());
  EXPECT_EQ(scope.find(wanted("aB"), ReferenceKind::kCall).module, modules[0]);
  EXPECT_EQ(scope.find(wanted("b!"), ReferenceKind::kCall).module, modules[1]);
}

TEST_P(ScopeFind, CallPassesOverACanonicalPltEntry) {
  Modules modules(
      {with({{.name = "it", .defined = false, .value = 0x500}}), with({{.name = "it"}})});
  Scope scope = modules.scope(GetParam());
  EXPECT_EQ(scope.find(wanted("it"), ReferenceKind::kCall).module, modules[1]);
  EXPECT_EQ(scope.find(wanted("it"), ReferenceKind::kAddress).module, modules[0]);
}

TEST_P(ScopeFind, VersionThatTheFirstLacksIsFoundInTheSecond) {
  Modules modules(
      {with({{.name = "it", .version = "V1"}}), with({{.name = "it", .version = "V2"}})});
  Version v2 = version_named("V2");
  Definition found = modules.scope(GetParam()).find(wanted("it", &v2), ReferenceKind::kCall);
  EXPECT_EQ(found.module, modules[1]);
}

TEST_P(ScopeFind, FirstCandidateHasTheHash) {
  Modules modules(
      {with({{.name = "ab"}, {.name = "aB"}}), with({{.name = "it"}}), with({{.name = "b!"}})});
  Scope scope = modules.scope(GetParam());
  for (const char* name : {"ab", "aB", "it", "b!"}) {
    uint32_t hash = gnu_hash(name);
    scope.prefetch_tables(hash);
    Definition candidate = scope.first_candidate(hash, scope.likely_direct(hash));
    ASSERT_TRUE(candidate.is_there()) << name;
    EXPECT_EQ(gnu_hash(candidate.module->symbols().name(*candidate.symbol)), gnu_hash(name))
        << name;
  }
  EXPECT_FALSE(scope.first_candidate(gnu_hash("none"), modules[0]).is_there());
}

TEST_P(ScopeFind, EmptyScopeHasNothing) {
  Modules modules;
  EXPECT_EQ(modules.scope(GetParam()).find(wanted("it"), ReferenceKind::kCall).module, nullptr);
}

TEST(ScopeBuild, IndexesWhatHasFewNamesBesideTheReferencesToCome) {
  std::vector<SymbolSpec> many;
  for (int i = 0; i < 1000; ++i) many.push_back({.name = "name" + std::to_string(i)});
  Modules modules({with({{.name = "a"}, {.name = "b"}}), with(many)});
  EXPECT_EQ(modules.scope(kAllDirect).indexed_names(), 0u);
  EXPECT_EQ(modules.scope(100).indexed_names(), 2u);
  EXPECT_EQ(modules.scope(kAllIndexed).indexed_names(), 1002u);
}

// A pool of names with collisions in it, some in 31 bits of the hash, some in all 32.
std::string random_name(std::mt19937& random) {
  static const char* const kPool[] = {"ab", "ac", "aB", "b!",    "malloc", "free",
                                      "x",  "y",  "it", "_Z1fv", "cb",     "cc"};
  return kPool[random() % std::size(kPool)];
}

SymbolSpec random_symbol(std::mt19937& random) {
  SymbolSpec s;
  s.name = random_name(random);
  if (random() % 3 == 0) {
    s.version = "V" + std::to_string(random() % 3);
    s.hidden = random() % 3 == 0;
  }
  switch (random() % 8) {
    case 0:
      s.binding = STB_WEAK;
      break;
    case 1:
      s.binding = STB_LOCAL;
      break;
    case 2:
      s.visibility = STV_HIDDEN;
      break;
    case 3:
      s.defined = false;
      s.version = "";
      if (random() % 2 == 0) s.value = 0x500;
      break;
    case 4:
      s.type = STT_OBJECT;
      break;
    default:
      break;
  }
  return s;
}

ObjectSpec random_object(std::mt19937& random) {
  ObjectSpec spec;
  size_t count = random() % 12;
  for (size_t i = 0; i < count; ++i) {
    SymbolSpec s = random_symbol(random);
    bool known = false;
    for (const SymbolSpec& other : spec.symbols)
      known |= other.name == s.name && other.version == s.version;
    if (!known) spec.symbols.push_back(s);  // no linker writes one name and version twice
  }
  spec.gnu_hash = random() % 4 != 0;
  spec.sysv_hash = !spec.gnu_hash || random() % 2 == 0;
  spec.buckets = 1 + random() % 5;
  return spec;
}

void compare_with_scan(const Modules& modules, const Scope& scope, const Module* skipped,
                       std::mt19937& random) {
  for (int i = 0; i < 40; ++i) {
    std::string name = random_name(random), version = "V" + std::to_string(random() % 3);
    Version v = version_named(version.c_str());
    SymbolQuery reference = wanted(name.c_str(), random() % 2 == 0 ? &v : nullptr);
    ReferenceKind kind = random() % 2 == 0 ? ReferenceKind::kCall : ReferenceKind::kAddress;
    Definition expected = modules.scan(reference, kind, skipped);
    Definition found = scope.find(reference, kind, skipped);
    ASSERT_EQ(found.module, expected.module)
        << name << (reference.version != nullptr ? "@" + version : "");
    ASSERT_EQ(found.symbol, expected.symbol)
        << name << (reference.version != nullptr ? "@" + version : "");
  }
}

// Has the object this name with a version and without one? Which of the two its own reference finds then depends on
// the order in a hash chain, and the scope does not promise to agree.
bool is_mixed(const SymbolTable& table, const char* name) {
  bool with = false, without = false;
  for (uint32_t i = 1; i < table.count; ++i) {
    if (std::strcmp(table.name(table.symbols[i]), name) != 0) continue;
    (table.version_of(i) != nullptr ? with : without) = true;
  }
  return with && without;
}

// Every symbol of every module that is a definition too refers to its own name, as the linker of relocations asks.
void compare_own_definitions(const Modules& modules, const Scope& scope) {
  for (size_t m = 0; m < modules.size(); ++m) {
    const SymbolTable& table = modules[m]->symbols();
    for (uint32_t i = 1; i < table.count; ++i) {
      SymbolQuery reference = wanted_by(table, i);
      if (!defines(table, i, reference, ReferenceKind::kCall) || is_mixed(table, reference.name))
        continue;
      SymbolQuery plain = {reference.name, reference.hash, reference.version, nullptr};
      Definition expected = modules.scan(plain, ReferenceKind::kCall, nullptr);
      Definition found = scope.find(reference, ReferenceKind::kCall);
      ASSERT_EQ(found.module, expected.module) << "module " << m << " " << reference.name;
      ASSERT_EQ(found.symbol, expected.symbol) << "module " << m << " " << reference.name;
    }
  }
}

class ScopeProperty : public testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Seeds, ScopeProperty, testing::Range(0u, 10u));

TEST_P(ScopeProperty, FindsWhatAScanInOrderFinds) {
  std::mt19937 random(GetParam());
  for (int round = 0; round < 40; ++round) {
    Modules modules;
    for (size_t i = 1 + random() % 8; i > 0; --i) modules.add(random_object(random));
    const Module* skipped = random() % 3 == 0 ? modules[random() % modules.size()] : nullptr;
    for (uint64_t references : {kAllDirect, uint64_t{random() % 48}, kAllIndexed}) {
      SCOPED_TRACE(testing::Message() << "round " << round << ", " << references << " references");
      Scope scope = modules.scope(references);
      compare_with_scan(modules, scope, skipped, random);
      compare_own_definitions(modules, scope);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(EstimateReferences, CountsUndefinedSymbolsThatRelocationsMayName) {
  ObjectSpec spec = with(
      {{.name = "defined"}, {.name = "u1", .defined = false}, {.name = "u2", .defined = false}});
  spec.plt = {{.word = 0, .type = R_X86_64_JUMP_SLOT, .symbol = "u1"},
              {.word = 1, .type = R_X86_64_JUMP_SLOT, .symbol = "u2"}};
  Modules modules({spec});
  Module* order[] = {modules[0]};
  EXPECT_GE(estimate_references(order), 2u);
}

TEST(EstimateReferences, LeavesOutWhatWeDoNotLink) {
  ObjectSpec spec = with({{.name = "u1", .defined = false}});
  spec.plt = {{.word = 0, .type = R_X86_64_JUMP_SLOT, .symbol = "u1"}};
  Modules modules({spec});
  modules[0]->kind = ModuleKind::kLibc;
  Module* order[] = {modules[0]};
  EXPECT_EQ(estimate_references(order), 0u);
}

// Modules by name, with what each stands for.
class Filters {
 public:
  Module& operator[](char name) { return modules_[name]; }
  void filter(char name, std::initializer_list<char> filtees) {
    for (char filtee : filtees) modules_[name].filtees.add(arena_, &modules_[filtee]);
  }
  std::string ordered(const std::string& names) {
    std::vector<Module*> order;
    for (char name : names) order.push_back(&modules_[name]);
    put_filtees_first({order.data(), order.size()}, arena_);
    std::string found;
    for (Module* m : order) {
      for (auto& [name, module] : modules_) found += &module == m ? std::string(1, name) : "";
    }
    return found;
  }

 private:
  HeapArena arena_;
  std::map<char, Module> modules_;
};

TEST(PutFilteesFirst, MovesAFilteeDirectlyBeforeItsFilter) {
  Filters filters;
  filters.filter('f', {'t'});
  EXPECT_EQ(filters.ordered("pfxt"), "ptfx");
  EXPECT_EQ(filters.ordered("ptfx"), "ptfx");
}
TEST(PutFilteesFirst, KeepsTheOrderOfSeveral) {
  Filters filters;
  filters.filter('f', {'t', 'u'});
  EXPECT_EQ(filters.ordered("pfxut"), "ptufx");
}
TEST(PutFilteesFirst, FollowsAFilteeThatIsAFilter) {
  Filters filters;
  filters.filter('f', {'g'});
  filters.filter('g', {'t'});
  EXPECT_EQ(filters.ordered("pfxgt"), "ptgfx");
}
TEST(PutFilteesFirst, EndsWhereFiltersStandForEachOther) {
  Filters filters;
  filters.filter('f', {'g'});
  filters.filter('g', {'f'});
  EXPECT_EQ(filters.ordered("pfg"), "pfg");
}

}  // namespace
}  // namespace ldseal
