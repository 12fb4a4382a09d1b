// The objects of the process and their dependencies, loaded breadth first. They are only mapped:
// nothing is relocated, and none of their code runs.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/image/module.h"
#include "ldso/image/name_table.h"
#include "ldso/image/search.h"

namespace ldseal {

struct Graph {
  // In the order of the global scope: program, preloads, then dependencies breadth first.
  List<Module*> modules;
  size_t preload_count = 0;
  List<FileIdentity> identities;  // those of `modules`, in the same order
  NameTable names;
  Module* program = nullptr;
  Module* libc = nullptr;       // null: the program has no libc
  Module* libc_rtld = nullptr;  // glibc's rtld; null with musl and without libc
  // glibc's libc. Its own rtld maps it later; until then it is not described.
  std::optional<ElfFile> libc_file;
};

// What is done with glibc's libc.so.6: its own rtld maps it, or (for a listing) ld-seal does.
enum class LibcHandling : uint8_t { kFoundOnly, kMapped };

// The objects that are there when dlopen adds more: those of start-up, and those opened before.
struct LoadedObjects {
  Module* (*by_name)(const char* name);
  Module* (*by_file)(FileIdentity identity);
};

class GraphBuilder {
 public:
  GraphBuilder(Graph& graph, LibrarySearch& search, LibcHandling libc, Arena& arena)
      : graph_(graph), search_(search), libc_handling_(libc), arena_(arena) {}

  // Adds the program, which is already described, as the first object.
  void add_program(Module& program);
  // Loads the objects in `list`, which has the form of LD_PRELOAD. Calls `failed` for each that
  // cannot be loaded.
  void add_preloads(const char* list, void (*failed)(const Error&));
  // The same for the names in /etc/ld.so.preload. An administrator has written that file, so a
  // privileged process loads what it names by a path, too.
  void add_preloads_of_file(const char* list, void (*failed)(const Error&));
  // Makes this a graph of objects that dlopen adds to those that are loaded.
  void build_upon(const LoadedObjects& loaded) { loaded_ = &loaded; }
  // Loads the object `name` for `asking`, or returns it if it is loaded. Errors: kLibraryNotFound,
  // and those of ElfFile::open() and map_object().
  Result<Module*> open(const char* name, Module& asking) {
    return load(name, asking, Want::kLoaded);
  }
  // The same, but loads nothing: null if the object exists and is not loaded.
  Result<Module*> find_loaded(const char* name, Module& asking) {
    return load(name, asking, Want::kOnlyIfLoaded);
  }
  // Loads the dependencies of the objects so far, and the dependencies of those.
  Status load_needed();
  // For listings as ldd makes them: calls `missing` for each library that is not found, and goes on
  // without it.
  void report_missing_to(void (*missing)(const Error&)) { missing_ = missing; }

 private:
  enum class Want : uint8_t { kLoaded, kLoadedIfTrusted, kOnlyIfLoaded };
  Result<FoundFile> find_file(const char* name, Module& needed_by, Want want);
  Result<FoundFile> find_needed(const char* name, Module& needed_by, Want want);
  Result<FoundFile> find_beside_interpreter(Module& needed_by, Want want);
  Result<Module*> load(const char* name, Module& needed_by, Want want);
  Result<Module*> load_musl_libc(const char* name, Module& needed_by, Want want);
  Result<Module*> add_file(const char* name, FoundFile& found, Module& needed_by, Want want);
  Result<Module*> add_displaced_rtld(const char* name, const Module& ld_seal, Module& needed_by,
                                     Want want);
  Status load_needed_by(Module& module);
  Status load_dependency(const char* name, Module& module);
  Status load_filtee(const char* name, Module& filter);
  void load_auxiliary(const char* name, Module& filter);
  Status map_or_defer(Module& module, FoundFile& found);
  bool refuses_programs() const;
  Status check_kind(const Module& module, const ElfFile& object) const;
  Status check_flags(const Module& module) const;
  Module* find_by_name(const char* name) const;
  Module* find_same_file(FileIdentity identity) const;
  void append(Module& module);

  Graph& graph_;
  LibrarySearch& search_;
  LibcHandling libc_handling_;
  Arena& arena_;
  void (*missing_)(const Error&) = nullptr;
  const LoadedObjects* loaded_ = nullptr;
};

// Returns the search rules that the program follows.
LibcRules libc_rules_of(const Module& program);

// Returns the path in an object's PT_INTERP; null if it has none.
const char* interpreter_path(const Module& program);

}  // namespace ldseal
