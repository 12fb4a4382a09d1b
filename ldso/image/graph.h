// The objects of the process and who needs whom, loaded breadth first. Mapped only: nothing is
// relocated or run.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/image/module.h"
#include "ldso/image/name_table.h"
#include "ldso/image/search.h"

namespace ldseal {

struct Graph {
  List<Module*>
      modules;  // the order of the global scope: program, preloads, then dependencies breadth first
  List<FileIdentity> identities;  // of `modules`, side by side
  NameTable names;
  Module* program = nullptr;
  Module* libc = nullptr;       // null: a program without libc
  Module* libc_rtld = nullptr;  // glibc's rtld; null for musl and without libc
  std::optional<ElfFile>
      libc_file;  // glibc's libc, which its own rtld will map: not described until then
};

// What is done with glibc's libc.so.6: it is left to its own rtld, or, to list it, we map it.
enum class LibcHandling : uint8_t { kFoundOnly, kMapped };

// What is there already when more objects are opened: those of start-up, and those opened before.
struct LoadedObjects {
  Module* (*by_name)(const char* name);
  Module* (*by_file)(FileIdentity identity);
};

class GraphBuilder {
 public:
  GraphBuilder(Graph& graph, LibrarySearch& search, LibcHandling libc, Arena& arena)
      : graph_(graph), search_(search), libc_handling_(libc), arena_(arena) {}

  // Puts the program, already described, at the head.
  void add_program(Module& program);
  // Loads LD_PRELOAD-like objects, of a list of names. `failed` is told of each that cannot be.
  void add_preloads(const char* list, void (*failed)(const Error&));
  // The graph is of objects that are opened later: it is to be built upon what is loaded.
  void build_upon(const LoadedObjects& loaded) { loaded_ = &loaded; }
  // Loads the object that `name` stands for when `asking` asks, or gives the one that is loaded
  // already.
  Result<Module*> open(const char* name, Module& asking) { return load(name, asking, false); }
  // The same, but only what is loaded already: null where the object exists and is not.
  Result<Module*> find_loaded(const char* name, Module& asking);
  // Loads what the objects so far need, and what those need.
  Status load_needed();
  // For ldd-like listing: every library that is not found is told and left out.
  void report_missing_to(void (*missing)(const Error&)) { missing_ = missing; }

 private:
  Result<Module*> load(const char* name, Module& needed_by, bool trusted_only);
  Result<Module*> load_musl_libc(const char* name, Module& needed_by);
  Result<Module*> add_file(const char* name, FoundFile& found, Module& needed_by);
  Status load_needed_by(Module& module);
  Status load_dependency(const char* name, Module& module);
  Status map_or_defer(Module& module, FoundFile& found);
  Status check_openable(const Module& module, const ElfFile& object) const;
  Module* find_by_name(const char* name) const;
  Module* find_same_file(FileIdentity identity) const;
  void append(Module& module);

  Graph& graph_;
  LibrarySearch& search_;
  LibcHandling libc_handling_;
  Arena& arena_;
  void (*missing_)(const Error&) = nullptr;
  const LoadedObjects* loaded_ = nullptr;
  bool loads_nothing_ = false;
};

// Which search rules hold for a program.
LibcRules libc_rules_of(const Module& program);

// The path in PT_INTERP of an object in memory; null where it has none.
const char* interpreter_path(const Module& program);

}  // namespace ldseal
