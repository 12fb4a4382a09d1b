// What each kind of relocation stores, and which definition a reference binds to. On x86-64, whose types these are.
#include <gtest/gtest.h>
#include <memory>

#include "ldso/link/linker.h"
#include "ldso/link/tls_layout.h"
#include "tests/lib_cc/described.h"

namespace ldseal {
namespace {

using testing_tools::Described;
using testing_tools::HeapArena;
using testing_tools::kPage;
using testing_tools::ObjectSpec;
using testing_tools::outcome;
using testing_tools::SymbolSpec;

Status give_a_static_place(Module& module) {
  module.tls.offset = -128;
  return {};
}
const TlsAccess kDescriptors{Address(uint64_t{0x1111}), Address(uint64_t{0x2222}),
                             Address(uint64_t{0x3333}), give_a_static_place, 7};

// Objects in the order of the scope; the first is the one that is looked at.
class Linked {
 public:
  explicit Linked(std::vector<ObjectSpec> specs) {
    for (const ObjectSpec& spec : specs) add(spec);
  }
  void add(const ObjectSpec& spec) {
    objects_.push_back(std::make_unique<Described>(spec));
    modules_.push_back(&objects_.back()->module());
    modules_.back()->position = static_cast<uint32_t>(modules_.size() - 1);
  }
  // Relocates the first object; its words afterwards are what is asked for.
  Error link() {
    scope_.build({modules_.data(), modules_.size()}, UINT64_MAX, arena_);
    Linker linker(scope_, LinkPolicy::of_start_up(scope_), kDescriptors, 0, 0, PageSize{kPage},
                  arena_);
    Error error = outcome(linker.relocate(*modules_[0]));
    if (error.fault == Fault::kNone) linker.apply_indirect();
    missing_ = linker.missing().size();
    return error;
  }
  uint64_t word(uint64_t i) const { return objects_[0]->word(i); }
  uint64_t place(uint64_t i) const {
    return objects_[0]->base() + objects_[0]->image().word_address(i);
  }
  Described& operator[](size_t i) { return *objects_[i]; }
  // Where symbol `name` of object `i` is in memory.
  uint64_t address(size_t i, const char* name) {
    return objects_[i]->base() + objects_[i]->image().symbol(name).st_value;
  }
  size_t missing() const { return missing_; }

 private:
  HeapArena arena_;
  std::vector<std::unique_ptr<Described>> objects_;
  std::vector<Module*> modules_;
  Scope scope_;
  size_t missing_ = 0;
};

// One relocation of word 1 against "it", which the second object defines.
Linked one(uint32_t type, int64_t addend = 0, SymbolSpec definition = {.name = "it"},
           SymbolSpec reference = {.name = "it", .defined = false}) {
  ObjectSpec first, second;
  first.symbols = {reference};
  first.rela = {{.word = 1, .type = type, .symbol = "it", .addend = addend}};
  second.symbols = {definition};
  second.tls_size = 16;
  return Linked({first, second});
}

TEST(Relocate, NoneDoesNothing) {
  Linked linked = one(R_X86_64_NONE, 5);
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), 0u);
}

TEST(Relocate, AbsoluteIsSymbolAndAddend) {
  Linked linked = one(R_X86_64_64, 12);
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), linked.address(1, "it") + 12);
}

TEST(Relocate, SlotIsTheSymbolWithoutAddend) {
  for (uint32_t type : {R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT}) {
    Linked linked = one(type, 0x2210);  // as `ld -z mark-plt` has it: where the slot's PLT entry is
    ASSERT_EQ(linked.link(), Error{});
    EXPECT_EQ(linked.word(1), linked.address(1, "it"));
  }
}

TEST(Relocate, PcRelativeIsTheDistanceFromThePlace) {
  Linked linked = one(R_X86_64_PC64, 4);
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), linked.address(1, "it") + 4 - linked.place(1));
}

TEST(Relocate, NarrowPcRelativeChangesItsFourBytesOnly) {
  ObjectSpec spec;
  spec.symbols = {{.name = "it"}};
  spec.rela = {{.word = 1, .type = R_X86_64_RELATIVE, .addend = -1},
               {.word = 1, .type = R_X86_64_PC32, .symbol = "it"}};
  Linked linked({spec});
  ASSERT_EQ(linked.link(), Error{});
  auto distance = static_cast<uint32_t>(linked.address(0, "it") - linked.place(1));
  EXPECT_EQ(static_cast<uint32_t>(linked.word(1)), distance);
  EXPECT_EQ(linked.word(1) >> 32, (linked[0].base() - 1) >> 32);
}

TEST(Relocate, FourByteAddressThatFitsIsStored) {
  Linked linked = one(R_X86_64_32, 0, {.name = "it", .value = 0x12345678, .section = SHN_ABS});
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), 0x12345678u);
}

TEST(Relocate, AbsoluteSymbolHasNoBias) {
  Linked linked = one(R_X86_64_64, 1, {.name = "it", .value = 0x1000, .section = SHN_ABS});
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), 0x1001u);
}

TEST(Relocate, SizeIsThatOfTheDefinition) {
  for (uint32_t type : {R_X86_64_SIZE64, R_X86_64_SIZE32}) {
    Linked linked = one(type, 2, {.name = "it", .size = 40});
    ASSERT_EQ(linked.link(), Error{});
    EXPECT_EQ(linked.word(1), 42u);
  }
}

TEST(Relocate, RelativeIsBiasAndAddend) {
  ObjectSpec spec;
  spec.rela = {{.word = 1, .type = R_X86_64_RELATIVE, .addend = 0x40},
               {.word = 2, .type = R_X86_64_RELATIVE}};
  spec.relative_count = 1;  // the other one goes the general way
  Linked linked({spec});
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), linked[0].base() + 0x40);
  EXPECT_EQ(linked.word(2), linked[0].base());
}

TEST(Relocate, PackedAddsTheBiasToWhatIsThere) {
  constexpr uint64_t kAsItIs = uint64_t{1} << 63;
  ObjectSpec spec;
  spec.data_words = 80;
  // Word 2, then of the 63 that follow the 1st, 2nd and 63rd, then of the next 63 the first.
  spec.relr = {2, kAsItIs | uint64_t{1} << 62 | 0b111, kAsItIs | 0b11};
  Linked linked({spec});
  ASSERT_EQ(linked.link(), Error{});
  std::vector<uint64_t> changed;
  for (uint64_t i = 0; i < 80; ++i) {
    if (linked.word(i) != 0) {
      EXPECT_EQ(linked.word(i), linked[0].base());
      changed.push_back(i);
    }
  }
  EXPECT_EQ(changed, (std::vector<uint64_t>{2, 3, 4, 64, 66}));
}

TEST(Relocate, PackedPlaceNeedNotBeAligned) {
  constexpr uint64_t kAsItIs = uint64_t{1} << 63;
  ObjectSpec spec;
  spec.relr = {1};
  spec.relr = {kAsItIs | (testing_tools::write_elf(spec).word_address(1) + 4)};
  Linked linked({spec});
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), linked[0].base() << 32);
  EXPECT_EQ(linked.word(2), linked[0].base() >> 32);
}

TEST(Relocate, ProgramHeadersInMemoryAreNotChanged) {
  ObjectSpec spec;
  spec.rela = {{.word = 1, .type = R_X86_64_RELATIVE}};
  testing_tools::ElfImage image = testing_tools::write_elf(spec);
  image.text().p_flags |= PF_W;
  image.rela(0).r_offset = image.places.headers + 8;
  Described object(std::move(image));
  Module* alone[] = {&object.module()};
  HeapArena arena;
  Scope scope;
  scope.build(alone, 0, arena);
  Linker linker(scope, LinkPolicy::of_start_up(scope), kDescriptors, 0, 0, PageSize{kPage}, arena);
  EXPECT_EQ(outcome(linker.relocate(object.module())).fault, Fault::kRelocationInTables);
}

TEST(Relocate, WordWithoutSymbolIsBiasAndAddend) {
  ObjectSpec spec;
  spec.rela = {{.word = 1, .type = R_X86_64_64, .addend = 9}};
  Linked linked({spec});
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), linked[0].base() + 9);
}

TEST(RelocateTls, WordsAreTheModulesNumberAndOffsets) {
  struct Case {
    uint32_t type;
    uint64_t expected;
  };
  constexpr int64_t kBlock = -64;
  for (Case c : {Case{R_X86_64_DTPMOD64, 2}, Case{R_X86_64_DTPOFF64, 8 + 3},
                 Case{R_X86_64_TPOFF64, static_cast<uint64_t>(kBlock + 8 + 3)}}) {
    Linked linked = one(c.type, 3, {.name = "it", .type = STT_TLS, .value = 8});
    linked[1].module().tls.offset = kBlock;
    ASSERT_EQ(linked.link(), Error{});
    EXPECT_EQ(linked.word(1), c.expected) << c.type;
  }
}

TEST(RelocateTls, DescriptorIsResolverAndOffset) {
  Linked linked = one(R_X86_64_TLSDESC, 3, {.name = "it", .type = STT_TLS, .value = 8});
  linked[1].module().tls.offset = -64;
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), kDescriptors.static_offset.value);
  EXPECT_EQ(linked.word(2), static_cast<uint64_t>(-64 + 8 + 3));
}

constexpr uint32_t kOpenedId = 5;

TEST(RelocateTls, ModuleWordOfAnOpenedModuleNamesItsId) {
  Linked linked = one(R_X86_64_DTPMOD64, 0, {.name = "it", .type = STT_TLS, .value = 8});
  linked[1].module().tls.opened_id = kOpenedId;
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), module_word(linked[1].module(), kDescriptors.start_up_modules));
}

TEST(RelocateTls, DescriptorOfAnOpenedModuleIsResolverIdAndOffset) {
  Linked linked = one(R_X86_64_TLSDESC, 3, {.name = "it", .type = STT_TLS, .value = 8});
  linked[1].module().tls.opened_id = kOpenedId;
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), kDescriptors.opened.value);
  EXPECT_EQ(linked.word(2), descriptor_argument(kOpenedId, 8 + 3));
}

TEST(RelocateTls, OffsetThatNoDescriptorHoldsIsRefused) {
  Linked linked = one(R_X86_64_TLSDESC, int64_t{1} << 40, {.name = "it", .type = STT_TLS});
  linked[1].module().tls.opened_id = kOpenedId;
  EXPECT_EQ(linked.link().fault, Fault::kRelocationOverflow);
}

TEST(RelocateTls, InitialExecMakesAnOpenedModulesBlockStatic) {
  Linked linked = one(R_X86_64_TPOFF64, 3, {.name = "it", .type = STT_TLS, .value = 8});
  linked[1].module().tls.opened_id = kOpenedId;
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked[1].module().tls.offset, -128);
  EXPECT_EQ(linked.word(1), static_cast<uint64_t>(-128 + 8 + 3));
}

TEST(RelocateTls, DescriptorOfAnUndefinedWeakSymbolGivesTheAddend) {
  ObjectSpec spec;
  spec.symbols = {{.name = "it", .defined = false, .binding = STB_WEAK}};
  spec.rela = {{.word = 1, .type = R_X86_64_TLSDESC, .symbol = "it", .addend = 3}};
  Linked linked({spec});
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), kDescriptors.undefined_weak.value);
  EXPECT_EQ(linked.word(2), 3u);
}

TEST(RelocateTls, ModuleWordWithoutSymbolIsTheObjectsOwn) {
  ObjectSpec spec;
  spec.tls_size = 16;
  spec.rela = {{.word = 1, .type = R_X86_64_DTPMOD64}};
  Linked linked({spec});
  linked[0].module().tls.offset = -32;
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), 1u);
}

int forty_two() { return 42; }
uint64_t resolver() { return reinterpret_cast<uint64_t>(&forty_two); }

TEST(RelocateIndirect, StoresWhatTheResolverReturns) {
  ObjectSpec spec;
  spec.rela = {{.word = 1, .type = R_X86_64_IRELATIVE}};
  Linked linked({spec});
  // The resolver is a function of this program: far from the object, so the addend wraps.
  auto addend = static_cast<int64_t>(reinterpret_cast<uint64_t>(&resolver) - linked[0].base());
  const_cast<Rela&>(linked[0].module().tables.rela[0]).r_addend = addend;
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), reinterpret_cast<uint64_t>(&forty_two));
}

TEST(RelocateCopy, CopiesTheSmallerSizeFromBehindTheProgram) {
  ObjectSpec program, library;
  program.symbols = {{.name = "it", .type = STT_OBJECT, .size = 4}};
  program.rela = {{.word = 1, .type = R_X86_64_COPY, .symbol = "it"}};
  library.symbols = {{.name = "it", .type = STT_OBJECT, .size = 8}};
  Linked linked({program, library});
  linked[0].module().kind = ModuleKind::kProgram;
  auto* source = reinterpret_cast<uint64_t*>(linked.address(1, "it"));
  *source = 0x1122334455667788;
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), 0x55667788u);
}

TEST(RelocateCopy, OfLibcsObjectIsLeftToItsOwnLoader) {
  ObjectSpec program, library;
  program.symbols = {{.name = "it", .type = STT_OBJECT, .size = 8}};
  program.rela = {{.word = 1, .type = R_X86_64_COPY, .symbol = "it"}};
  library.symbols = {{.name = "it", .type = STT_OBJECT, .size = 8}};
  Linked linked({program, library});
  linked[0].module().kind = ModuleKind::kProgram;
  linked[1].module().kind = ModuleKind::kLibc;
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), 0u);
}

TEST(Resolve, UndefinedWeakSymbolIsZero) {
  ObjectSpec spec;
  spec.symbols = {{.name = "it", .defined = false, .binding = STB_WEAK}};
  spec.rela = {{.word = 1, .type = R_X86_64_64, .symbol = "it"}};
  Linked linked({spec});
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.word(1), 0u);
  EXPECT_EQ(linked.missing(), 0u);
}

TEST(Resolve, EveryMissingSymbolIsToldNotOnlyTheFirst) {
  ObjectSpec spec;
  spec.symbols = {{.name = "one", .defined = false}, {.name = "two", .defined = false}};
  spec.rela = {{.word = 1, .type = R_X86_64_64, .symbol = "one"},
               {.word = 2, .type = R_X86_64_64, .symbol = "two"}};
  Linked linked({spec});
  ASSERT_EQ(linked.link(), Error{});
  EXPECT_EQ(linked.missing(), 2u);
}

// The first object in the scope preempts; the second refers to its own definition of the same name.
Linked preempted(SymbolSpec own, std::vector<Dyn> more_dynamic = {}) {
  ObjectSpec referring, preempting;
  referring.symbols = {own};
  referring.rela = {{.word = 1, .type = R_X86_64_64, .symbol = "it"}};
  referring.more_dynamic = std::move(more_dynamic);
  preempting.symbols = {{.name = "it", .value = 0x100}};
  return Linked({preempting, referring});
}

// Where the second object's reference goes: 0 or 1.
int bound_to(Linked linked) {
  Scope scope;
  HeapArena arena;
  Module* order[] = {&linked[0].module(), &linked[1].module()};
  scope.build(order, UINT64_MAX, arena);
  Linker linker(scope, LinkPolicy::of_start_up(scope), kDescriptors, 0, 0, PageSize{kPage}, arena);
  EXPECT_EQ(outcome(linker.relocate(linked[1].module())), Error{});
  uint64_t word = linked[1].word(1);
  return word == linked.address(0, "it") ? 0 : word == linked.address(1, "it") ? 1 : -1;
}

// It is looked at ahead (link/look_ahead.h).
TEST(Relocate, ALongListIsTheSameAsAShortOne) {
  constexpr uint64_t kNames = 100;
  ObjectSpec first, second, third;
  first.data_words = 3 * kNames + 1;
  for (uint64_t i = 0; i < 3 * kNames; ++i) {
    std::string name = "name" + std::to_string(i / 3);  // each symbol three times in turn
    bool is_own = i / 3 % 5 == 0;
    if (i % 3 == 0) {
      first.symbols.push_back({.name = name, .defined = is_own});
      ObjectSpec& definer = i % 2 == 0 ? second : third;
      if (!is_own) definer.symbols.push_back({.name = name});
    }
    first.rela.push_back({.word = i + 1, .type = R_X86_64_64, .symbol = name});
  }
  Linked linked({first, second, third});
  ASSERT_EQ(linked.link(), Error{});
  for (uint64_t i = 0; i < 3 * kNames; ++i) {
    std::string name = "name" + std::to_string(i / 3);
    size_t definer = i / 3 % 5 == 0 ? 0 : i / 3 % 2 == 0 ? 1 : 2;
    ASSERT_EQ(linked.word(i + 1), linked.address(definer, name.c_str())) << name;
  }
}

TEST(Resolve, AnEarlierObjectPreemptsADefinition) {
  EXPECT_EQ(bound_to(preempted({.name = "it"})), 0);
}
TEST(Resolve, AProtectedDefinitionIsNotPreempted) {
  EXPECT_EQ(bound_to(preempted({.name = "it", .visibility = STV_PROTECTED})), 1);
}
TEST(Resolve, AHiddenDefinitionIsNotPreempted) {
  EXPECT_EQ(bound_to(preempted({.name = "it", .visibility = STV_HIDDEN})), 1);
}
TEST(Resolve, ALocalDefinitionIsNotPreempted) {
  EXPECT_EQ(bound_to(preempted({.name = "it", .binding = STB_LOCAL})), 1);
}
TEST(Resolve, ASymbolicObjectLooksInItselfFirst) {
  EXPECT_EQ(bound_to(preempted({.name = "it"}, {{DT_SYMBOLIC, {0}}})), 1);
  EXPECT_EQ(bound_to(preempted({.name = "it"}, {{DT_FLAGS, {DF_SYMBOLIC}}})), 1);
}
TEST(Resolve, AUniqueSymbolIsOneForTheProcessEvenInASymbolicObject) {
  EXPECT_EQ(bound_to(preempted({.name = "it", .binding = STB_GNU_UNIQUE}, {{DT_SYMBOLIC, {0}}})),
            0);
}

}  // namespace
}  // namespace ldseal
