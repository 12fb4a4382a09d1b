// A Module is one object of the process: the program, a library, libc, or ourselves. It is
// described when it is mapped, and its tables are plain pointers from then on.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/elf/dynamic.h"
#include "ldso/elf/image_view.h"
#include "ldso/elf/segments.h"
#include "ldso/elf/tables.h"

namespace ldseal {

struct LinkMap;      // abi/link.h
struct DlopenState;  // dl/opened.h

enum class ModuleKind : uint8_t {
  kProgram,
  kLibrary,   // everything that we map, relocate and initialise
  kLibc,      // libc itself: its own rtld relocates and initialises it
  kLibcRtld,  // glibc's ld-linux-….so, which is needed by libc and brings it up
  kSelf,
};

struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// A module's block of thread-local storage.
struct TlsBlock {
  Vaddr image;           // p_vaddr
  ByteCount image_size;  // p_filesz
  ByteCount size;        // p_memsz; 0: the module has none
  uint64_t alignment = 1;
  int64_t offset = 0;      // of a static block's first byte from the thread pointer; 0: not static
  uint32_t opened_id = 0;  // which opened module this is (threads/tls_modules.h); 0: none of them

  bool is_static() const { return offset != 0; }
};

// The block that a PT_TLS asks for, not yet laid out.
inline TlsBlock tls_block_of(const Phdr& tls) {
  return {Vaddr(tls.p_vaddr), ByteCount(tls.p_filesz), ByteCount(tls.p_memsz),
          tls.p_align > 1 ? tls.p_align : 1};
}

struct Module {
  ModuleKind kind = ModuleKind::kLibrary;
  bool is_running_executable = false;  // the kernel mapped it: /proc/self/exe is its file
  bool visited = false;                // for walks over the graph, which clear it themselves
  uint32_t position = 0;               // in the list of modules, which is the order of loading
  uint32_t scope_position =
      0;  // in the order of the global scope; an opened object's is behind all of those
  const char* path = "";         // as link_map's l_name: empty for the program
  const char* file_path = "";    // where it was found: for messages
  const char* needed_as = "";    // the name that brought it here first
  const char* origin = nullptr;  // the directory $ORIGIN stands for; null until asked for
  const char* soname = nullptr;  // DT_SONAME
  FileIdentity identity;
  Module* needed_by = nullptr;  // the object whose DT_NEEDED brought it here first
  List<Module*> needed;         // the objects that its DT_NEEDED entries name, in order

  AddressRange span;  // from the first page to the end of the last
  bool holes_are_guarded =
      false;  // where stays_constant() lets a mapping reach over the hole behind
  LoadBias bias;
  Address entry;      // e_entry in memory; 0: none
  Segments segments;  // program headers in memory that stays
  Dynamic dynamic;
  Tables tables;
  TlsBlock tls;
  LinkMap* link_map = nullptr;
  DlopenState* dlopen_state =
      nullptr;  // what dlopen keeps of an object that it brought; null for those of start-up

  const SymbolTable& symbols() const { return tables.symbols; }
  Address dynamic_section() const {
    return segments.dynamic == nullptr ? Address(0) : Vaddr(segments.dynamic->p_vaddr) + bias;
  }
  // Do we relocate it, protect it and run its constructors?
  bool is_linked_by_us() const {
    return kind == ModuleKind::kProgram || kind == ModuleKind::kLibrary;
  }
  // What messages and traces call it.
  const char* display_name() const { return path[0] == '\0' ? file_path : path; }
  bool has_flag(uint64_t df) const { return (dynamic.flags & df) != 0; }
};

// Reads the dynamic section and the tables of `module`, whose segments are known, from `image`.
Status describe_tables(Module& module, const ImageView& image, Arena& arena);

// Calls `visit(const char*)` for each DT_NEEDED name, in order; stops at the first Status that is
// an error.
template <class Visit>
Status for_each_needed(const Module& module, Visit visit) {
  for (const Dyn& entry : module.dynamic.entries) {
    if (entry.d_tag != DT_NEEDED) continue;
    if (Status s = visit(module.symbols().text(entry.d_un.d_val)); !s) return s;
  }
  return {};
}

}  // namespace ldseal
