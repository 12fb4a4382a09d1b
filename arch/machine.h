// What a port to a machine supplies in C++, and the check that the ports here do. arch/README.md
// has the rest: the assembly and what the build wants.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>

#include "arch/aarch64/target.h"
#include "arch/x86_64/target.h"
#include "ldso/elf/plt.h"
#include "ldso/elf/relocation.h"

namespace ldseal {

template <class Member, class T>
concept ConstantOf = std::same_as<Member, const T&>;

// The procedure linkage table: what a machine's plt.h has. `code` begins at an entry, whose address
// is `at`.
template <class P>
concept ProcedureLinkageTable = requires(std::span<unsigned char> code, uint64_t at,
                                         uint64_t target, uint64_t word) {
  // Entries begin at multiples of this.
  { P::kStep } -> ConstantOf<size_t>;
  // How many bytes read() wants to see at least, if there are so many.
  { P::kLength } -> ConstantOf<size_t>;
  // Only an entry whose bytes all have a known shape is one.
  { P::read(code, at) } -> std::same_as<PltEntry>;
  // Makes a stub go to `target` and read no slot. False: it has no room for that.
  { P::bind(code, at, target) } -> std::same_as<bool>;
  // Makes a stub jump to the address in the word at `word`. False: it cannot reach that.
  { P::repoint(code, at, word) } -> std::same_as<bool>;
};

// A machine as values: what its target.h has. All of it compiles on every host.
template <class M>
concept Machine = requires {
  // e_machine of the objects that this machine runs.
  { M::kMachine } -> ConstantOf<uint16_t>;

  // Names and directories.
  // The file name of ld-seal, which is its DT_SONAME too.
  { M::kLoaderName } -> ConstantOf<const char*>;
  // What $PLATFORM stands for if the kernel gives no AT_PLATFORM.
  { M::kPlatform } -> ConstantOf<const char*>;
  // Debian's directory for this machine below lib. It is also the last part of $LIB.
  { M::kMultiarch } -> ConstantOf<const char*>;
  // musl's loader is /lib/NAME.so.1, and its path file is /etc/NAME.path.
  { M::kMuslRtld } -> ConstantOf<const char*>;
  // The file name of the loader that glibc's libc.so.6 needs.
  { M::kGlibcRtld } -> ConstantOf<const char*>;
  // The flags of this machine's entries in /etc/ld.so.cache: FLAG_… of glibc, with FLAG_ELF_LIBC6.
  { M::kCacheFlags } -> ConstantOf<int32_t>;
  // What the names of glibc-hwcaps directories begin with; isa_level() follows. Null: there are
  // none.
  { M::kHwcapsPrefix } -> ConstantOf<const char*>;
  // The property (NT_GNU_PROPERTY_TYPE_0) of the levels that an object needs, as bits from the base
  // line upwards. 0: there is none.
  { M::kIsaProperty } -> ConstantOf<uint32_t>;

  // Thread-local storage.
  // Do a thread's blocks lie above the thread pointer (variant I) or below it (variant II)?
  { M::kTlsVariant } -> ConstantOf<TlsVariant>;
  // How many bytes the ABI reserves between the thread pointer and the first block above it. It may
  // be 0: the first block's offset is 0 then.
  { M::kThreadHeader } -> ConstantOf<uint64_t>;
  requires M::kTlsVariant == TlsVariant::kAboveThreadPointer || M::kThreadHeader == 0;
  // What a DTPREL word is less than the offset in the block. __tls_get_addr adds it again.
  { M::kDtpBias } -> ConstantOf<uint64_t>;

  // The two libcs.
  // sizeof(pthread_attr_t) in glibc.
  { M::kGlibcThreadAttributes } -> ConstantOf<uint64_t>;
  // The smallest guard that glibc puts below a thread's stack, if the thread has a guard at all.
  { M::kGlibcLeastGuard } -> ConstantOf<uint64_t>;
  // Does musl run DT_INIT and DT_FINI? If not, it runs only the arrays.
  { M::kMuslHeedsInit } -> ConstantOf<bool>;

  // What an object says of its code (the property FEATURE_1_AND).
  // The property's number.
  { M::kFeatures } -> ConstantOf<uint32_t>;
  // Does the property count where an object has it in a PT_NOTE and has no PT_GNU_PROPERTY?
  { M::kNotesHaveFeatures } -> ConstantOf<bool>;
  // The bit for code in which indirect branches land on landing pads only, the bit of AT_HWCAP2 for
  // a processor that checks it, and the PROT_… that has it check; 0: nothing of the kind.
  { M::kBranchTargetFeature } -> ConstantOf<uint32_t>;
  { M::kBranchTargetHwcap2 } -> ConstantOf<uint64_t>;
  { M::kBranchTargetProtection } -> ConstantOf<int>;

  // Relocations.
  // Is the value of a GLOB_DAT or JUMP_SLOT word S + A? If not, it is S. The addend does not count
  // then, and linkers keep something of theirs in it.
  { M::kSlotsHaveAddend } -> ConstantOf<bool>;
  // What a relocation type asks for. A type that the psABI does not have is kUnknown.
  { M::kind(uint32_t{}) } -> std::same_as<RelocationKind>;
  requires ProcedureLinkageTable<typename M::Plt>;
  // The types that the loader looks for by number.
  { M::kRelativeType } -> ConstantOf<uint32_t>;
  { M::kCopyType } -> ConstantOf<uint32_t>;
  { M::kIrelativeType } -> ConstantOf<uint32_t>;
  requires M::kind(M::kRelativeType)
  == RelocationKind::kRelative;
  requires M::kind(M::kCopyType)
  == RelocationKind::kCopy;
  requires M::kind(M::kIrelativeType)
  == RelocationKind::kIndirect;
};

static_assert(Machine<X86_64>);
static_assert(Machine<Aarch64>);

// A machine as instructions. These functions exist for the machine of this build alone: its headers
// define them, and arch/native.h includes those. One that differs or is missing does not compile.

// syscall.h
// Makes a system call. Returns what the kernel does: a value, or a negative errno.
inline long raw_system_call(long number, long a, long b, long c, long d, long e, long f);

// thread_pointer.h
inline uintptr_t thread_pointer();
// The word with this index in the array that begins `offset` bytes from the thread pointer.
inline uintptr_t thread_word(int64_t offset, uint64_t index);
// Returns 0 or a negative errno. What must stand at `value` before, prepare_thread_control_block()
// puts there.
inline long set_thread_pointer(uintptr_t value);
// Writes what the ABI wants at the thread pointer of a program without libc. `pointer` is to become
// the thread pointer, and the memory there is zeroed. `random` is AT_RANDOM's, or null.
inline void prepare_thread_control_block(uintptr_t pointer, const uint64_t* random);

// cpu.h

// Calls the IFUNC resolver at this address as the ABI says. Returns its answer. `hwcap` and
// `hwcap2` are AT_HWCAP's and AT_HWCAP2's.
inline uint64_t call_ifunc_resolver(uint64_t resolver, uint64_t hwcap, uint64_t hwcap2);
// The processor's level: the last part of the name of a glibc-hwcaps directory. 1 is the machine's
// base line, which has no such directory.
inline unsigned isa_level();
// What $PLATFORM stands for. `from_kernel` is AT_PLATFORM's, or kPlatform.
inline const char* platform_name(const char* from_kernel);
// Finds out which registers the slow path of tls.S has to keep. It is called before any TLS
// descriptor of a dlopened object is used.
inline void prepare_register_saving(uint64_t hwcap);

// valgrind.h
// Makes a client request of valgrind. Returns its answer; 0 if valgrind does not run this program.
inline uint64_t ask_valgrind(uint64_t request);

}  // namespace ldseal
