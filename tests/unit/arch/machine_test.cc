// A third machine is a new folder: the loader's sources, compiled for a made-up one, do what its
// values say. The program of this test is not linked to the sources that ask for the machine of the
// host.
#include "arch/machine.h"

#include <gtest/gtest.h>

#include "arch/native.h"
#include "ldso/image/elf_file.h"
#include "ldso/image/map_file.h"
#include "ldso/link/linker.h"
#include "ldso/link/tls_layout.h"
#include "tests/lib_cc/described.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/loading.h"
#include "tests/lib_cc/objects_with_tls.h"

namespace ldseal {
namespace {

using namespace testing_tools;

static_assert(std::same_as<Native, MadeUp>);

// The concept refuses each of these.
struct WithoutMembers {};
struct HeaderOfAnotherType : MadeUp {
  static constexpr int kThreadHeader = 0;
};
struct HeaderBelowTheThreadPointer : MadeUp {
  static constexpr TlsVariant kTlsVariant = TlsVariant::kBelowThreadPointer;
  static constexpr uint64_t kThreadHeader = 16;
};
struct RelativeTypeOfAnotherKind : MadeUp {
  static constexpr uint32_t kRelativeType = R_MADE_UP_COPY;
};
struct KindThatIsNoKind : MadeUp {
  static constexpr uint32_t kind(uint32_t type) { return type; }
};
static_assert(Machine<MadeUp>);
static_assert(!Machine<WithoutMembers>);
static_assert(!Machine<HeaderOfAnotherType>);
static_assert(!Machine<HeaderBelowTheThreadPointer>);
static_assert(!Machine<RelativeTypeOfAnotherKind>);
static_assert(!Machine<KindThatIsNoKind>);

constexpr uint64_t kSymbol = 8, kAddend = 3;

const TlsAccess kAccess{Address(uint64_t{0x1111}), Address(uint64_t{0x2222}),
                        Address(uint64_t{0x3333}), nullptr, 7};

// One object with thread-local storage and one relocation against it, in words 1 and 2.
class OneObject {
 public:
  explicit OneObject(uint32_t type) : object_(spec_with(type)) {
    Module* modules[] = {&object_.module()};
    layout_ = *lay_out_tls(modules, Native::kTlsVariant, Native::kThreadHeader, TlsRoom::kNone);
    Scope scope;
    scope.build(modules, UINT64_MAX, arena_);
    Linker linker(scope, LinkPolicy::of_start_up(scope), kAccess, 0, 0, PageSize{kPage}, arena_);
    EXPECT_EQ(outcome(linker.relocate(object_.module())), Error{});
  }
  uint64_t word(uint64_t i) const { return object_.word(i); }
  const TlsBlock& block() { return object_.module().tls; }
  const TlsLayout& layout() const { return layout_; }

 private:
  static ObjectSpec spec_with(uint32_t type) {
    ObjectSpec spec;
    spec.symbols = {{.name = "it", .type = STT_TLS, .value = kSymbol}};
    spec.tls_size = 64;
    spec.rela = {{.word = 1, .type = type, .symbol = "it", .addend = kAddend}};
    return spec;
  }
  HeapArena arena_;
  Described object_;
  TlsLayout layout_;
};

TEST(MadeUpMachine, TheFirstBlockIsAtTheThreadPointerAndStaticNonetheless) {
  OneObject object(R_MADE_UP_DTPMOD);
  ASSERT_TRUE(object.block().is_static());
  EXPECT_EQ(object.block().offset, 0);
  EXPECT_EQ(object.layout().start, 0);
}

TEST(MadeUpMachine, InitialExecCodeGetsTheOffsetFromTheThreadPointer) {
  OneObject object(R_MADE_UP_TPREL);
  EXPECT_EQ(object.word(1), kSymbol + kAddend);
}

TEST(MadeUpMachine, ADescriptorOfTheFirstBlockIsAStaticOne) {
  OneObject object(R_MADE_UP_TLSDESC);
  EXPECT_EQ(object.word(1), kAccess.static_offset.value);
  EXPECT_EQ(object.word(2), kSymbol + kAddend);
}

TEST(MadeUpMachine, AnOffsetWordHasTheBias) {
  OneObject object(R_MADE_UP_DTPREL);
  EXPECT_EQ(object.word(1), kSymbol + kAddend - MadeUp::kDtpBias);
}

TEST(MadeUpMachine, ItsRelocationTypesAreItsOwn) {
  OneObject object(R_MADE_UP_NONE);
  EXPECT_EQ(object.word(1), 0u);
}

// The words of an index as the linker writes them, in a process with threads.
TEST(MadeUpMachine, TlsGetAddrTakesTheBiasBackForAnOpenedObject) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = ready_object(host, "a");
    const uint64_t first[] = {module_word(m, process.graph.modules.size()),
                              uint64_t{0} - MadeUp::kDtpBias};
    const uint64_t later[] = {first[0], 5 - MadeUp::kDtpBias};
    EXPECT_EQ(loaders___tls_get_addr(first), tls_address(m, 0)) << "made by this access";
    EXPECT_EQ(loaders___tls_get_addr(later), tls_address(m, 5)) << "there already";
  });
}

TEST(MadeUpMachine, TlsGetAddrTakesTheBiasBackForAStartUpModuleAtTheThreadPointer) {
  in_fresh_process([] {
    MadeUpProcess process_with_tls;
    Module& library = process_with_tls.add_library("library");
    library.tls.size = ByteCount(16);
    library.tls.offset = 0;
    set_up_dynamic_tls(layout_of_static_block(TlsRoom::kForOpened), process_with_tls.arena());
    const uint64_t index[] = {module_word(library, process.graph.modules.size()),
                              3 - MadeUp::kDtpBias};
    auto address = reinterpret_cast<uintptr_t>(loaders___tls_get_addr(index));
    EXPECT_EQ(address, thread_pointer() + 3);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tls_data(library)), thread_pointer());
  });
}

TEST(MadeUpMachine, AFileIsTakenIfItIsOfThisMachine) {
  ScriptedKernel kernel;
  HeapArena arena;
  ObjectSpec of_the_host;
  of_the_host.machine = Host::kMachine;
  kernel.add_file("/own.so", object_file({}));
  kernel.add_file("/other.so", write_elf(of_the_host).bytes);
  EXPECT_EQ(outcome(ElfFile::open("/own.so", kPages, arena)), Error{});
  EXPECT_EQ(outcome(ElfFile::open("/other.so", kPages, arena)).fault, Fault::kBadMachine);
}

TEST(MadeUpMachine, ChecksBranchTargetsWhereProcessorAndObjectDo) {
  constexpr uint32_t kOtherFeatures = 0x5f;
  EXPECT_EQ(code_protection(MadeUp::kBranchTargetFeature), 0);
  check_branch_targets(~MadeUp::kBranchTargetHwcap2);
  EXPECT_EQ(code_protection(MadeUp::kBranchTargetFeature), 0);
  check_branch_targets(MadeUp::kBranchTargetHwcap2);
  EXPECT_EQ(code_protection(MadeUp::kBranchTargetFeature), MadeUp::kBranchTargetProtection);
  EXPECT_EQ(code_protection(kOtherFeatures), 0);
  check_branch_targets(0);
  EXPECT_EQ(code_protection(MadeUp::kBranchTargetFeature), 0);
}

}  // namespace
}  // namespace ldseal
