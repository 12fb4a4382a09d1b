// A Module describes one object of the process: the program, a library, libc or ld-seal itself. It
// is checked once, when it is mapped. After that its tables are plain pointers.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/elf/dynamic.h"
#include "ldso/elf/image_view.h"
#include "ldso/elf/segments.h"
#include "ldso/elf/tables.h"

namespace ldseal {

struct LinkMap;  // abi/link.h
struct Module;
struct DlopenState;  // dl/opened.h

enum class ModuleKind : uint8_t {
  kProgram,
  kLibrary,   // every object that ld-seal maps, relocates and initialises
  kLibc,      // libc itself: its own rtld relocates and initialises it
  kLibcRtld,  // glibc's ld-linux-….so: libc needs it, and it brings libc up
  kSelf,
};

struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// The TLS block of a module (PT_TLS).
struct TlsBlock {
  Vaddr image;           // p_vaddr
  ByteCount image_size;  // p_filesz
  ByteCount size;        // p_memsz; 0: the module has no TLS
  uint64_t alignment = 1;
  // From the thread pointer to the first byte of a static block. On some machines it may be 0.
  int64_t offset = kNotStatic;
  // Number of a module that dlopen loaded (threads/tls_modules.h); 0: start-up loaded it.
  uint32_t opened_id = 0;

  static constexpr int64_t kNotStatic = INT64_MIN;  // farther than any block is
  bool is_static() const { return offset != kNotStatic; }
};

// Makes the block that a PT_TLS asks for. It has no offset yet.
inline TlsBlock tls_block_of(const Phdr& tls) {
  return {Vaddr(tls.p_vaddr), ByteCount(tls.p_filesz), ByteCount(tls.p_memsz),
          tls.p_align > 1 ? tls.p_align : 1};
}

// What changes about a dlopened object after its description is complete. It is a record
// (mem/records.h), so the description need not change.
struct ModuleChanges {
  Module* needed_by = nullptr;  // the program, once the object that brought it is unloaded
  int64_t tls_offset = TlsBlock::kNotStatic;  // of a block that got a static place later
};

struct Module {
  ModuleKind kind = ModuleKind::kLibrary;
  bool is_running_executable = false;  // the kernel mapped it: /proc/self/exe is its file
  bool visited = false;                // for walks over the graph; each walk clears it first
  uint32_t position = 0;               // in the list of modules, which is the order of loading
  // In the order of the global scope. A dlopened object has a number behind those of start-up; no
  // other one has it meanwhile (dl/opened.h).
  uint32_t scope_position = 0;
  const char* path = "";       // link_map's l_name: empty for the program
  const char* file_path = "";  // where the file was found, for messages
  const char* needed_as = "";  // the name by which it was first needed
  // The directory that $ORIGIN means; null until origin_of() computes it.
  const char* origin = nullptr;
  const char* soname = nullptr;  // DT_SONAME
  FileIdentity identity;
  Module* needed_by = nullptr;  // the object whose DT_NEEDED brought it here first
  List<Module*> needed;         // the objects that its DT_NEEDED entries name, in order
  List<Module*> filtees;        // those of `needed` whose definitions come before its own

  AddressRange span;  // from the first page to the end of the last page
  // A mapping for which stays_constant() is true reaches over the hole behind it.
  bool holes_are_guarded = false;
  // Pages of the PLT whose stubs read no slot, and pages of slots, both read-only and without a
  // file (seal/plt.h).
  AddressRange final_stubs;
  AddressRange final_slots;
  LoadBias bias;
  Address entry;      // e_entry in memory; 0: it has none
  Segments segments;  // of program headers in memory that stays
  Dynamic dynamic;
  Tables tables;
  TlsBlock tls;
  uint32_t features = 0;  // the bits of the property kFeatures (arch/machine.h)
  LinkMap* link_map = nullptr;
  // The data of dlopen about an object that it loaded; null for those of start-up. `changes` is a
  // part of it.
  DlopenState* dlopen_state = nullptr;
  ModuleChanges* changes = nullptr;

  // The object through which it came: its run paths count for what this one needs.
  Module* brought_by() const { return changes == nullptr ? needed_by : changes->needed_by; }
  // From the thread pointer to its TLS block, if that is static.
  int64_t tls_offset() const { return changes == nullptr ? tls.offset : changes->tls_offset; }
  bool has_static_tls() const { return tls_offset() != TlsBlock::kNotStatic; }
  const SymbolTable& symbols() const { return tables.symbols; }
  Address dynamic_section() const {
    return segments.dynamic == nullptr ? Address(0) : Vaddr(segments.dynamic->p_vaddr) + bias;
  }
  // Does ld-seal relocate it, protect it and run its constructors?
  bool is_linked_by_us() const {
    return kind == ModuleKind::kProgram || kind == ModuleKind::kLibrary;
  }
  // Returns its name for messages and traces.
  const char* display_name() const { return path[0] == '\0' ? file_path : path; }
  bool has_flag(uint64_t df) const { return (dynamic.flags & df) != 0; }
};

// Reads the dynamic section and the tables of `module` from `image`. Its segments must be known.
// Errors: those of read_dynamic() and read_tables(), and kFunctionOutside, kTableOutside.
Status describe_tables(Module& module, const ImageView& image, Arena& arena);

// Calls `visit(const char*)` for each DT_NEEDED name in order. Stops at the first error and returns
// it.
template <class Visit>
Status for_each_needed(const Module& module, Visit visit) {
  for (const Dyn& entry : module.dynamic.entries) {
    if (entry.d_tag != DT_NEEDED) continue;
    if (Status s = visit(module.symbols().text(entry.d_un.d_val)); !s) return s;
  }
  return {};
}

}  // namespace ldseal
