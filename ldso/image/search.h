// Where libraries are looked for, in which order: ld.so(8) for glibc's programs, and musl's own
// rule for musl's.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/image/elf_file.h"
#include "ldso/image/library_cache.h"
#include "ldso/image/module.h"
#include "ldso/image/path_list.h"
#include "ldso/image/system_directories.h"

namespace ldseal {

// What the whole process brings to every search.
struct SearchSettings {
  LibcRules rules = LibcRules::kGlibc;
  const char* library_path = nullptr;  // --library-path or LD_LIBRARY_PATH; null: none
  const char* platform = nullptr;      // AT_PLATFORM, for $PLATFORM
  bool secure = false;                 // AT_SECURE: the caller must not choose what $ORIGIN is
  bool use_cache = true;               // --inhibit-cache clears it
  bool modules_are_final = false;  // after start-up: what modules say must not be written any more
  PageSize page;
};

struct FoundFile {
  ElfFile object;
  const char* path;  // in the arena that the search was given
};

class LibrarySearch {
 public:
  // `program` is whom $ORIGIN in the library path means.
  LibrarySearch(const SearchSettings& settings, Module& program, Arena& arena)
      : settings_(settings), program_(program), arena_(arena) {}

  // Opens what `name` stands for when `needed_by` asks. Files for another machine or class are
  // passed over. The error of a failure names the library, who needs it and where it was looked
  // for.
  Result<FoundFile> find(const char* name, Module& needed_by);
  // The same for a preload in a privileged process: no slash, system directories only, set-user-ID
  // files only.
  Result<FoundFile> find_trusted(const char* name, Module& needed_by);

  // Looks in the library path alone.
  Result<FoundFile> find_in_library_path(const char* name);

  // `text` with the dynamic string tokens of `module` replaced, in the arena: ld.so(8)'s $ORIGIN,
  // $LIB and $PLATFORM, or musl's $ORIGIN alone. Null where nothing must be looked for there.
  const char* expand(std::string_view text, Module& module);
  // Has `name`, a DT_NEEDED, a token that a privileged process must not follow?
  bool is_forbidden_name(std::string_view name) const;
  // The directory that $ORIGIN stands for; null where it cannot be known.
  const char* origin_of(Module& module);

  // Every directory that is looked into for what `asking` needs, in order, but for the cache (dlinfo(3)).
  List<const char*> directories_for(Module& asking);

  // Keeps what $ORIGIN means for a module that was found by a relative path: the current directory may change.
  void settle_origin(Module& module);
  // Unmaps the cache, if it was looked into. It is mapped again when it is needed again.
  void release_cache();

  const SearchSettings& settings() const { return settings_; }
  SearchSettings& settings() { return settings_; }

 private:
  struct Attempt;
  // A list of directories; `of` is the object that its tokens refer to, null for a list without any.
  struct Directories {
    ListKind kind;
    const char* text;
    Module* of;
    const char* what;  // for traces and messages
  };

  bool is_musl() const { return settings_.rules == LibcRules::kMusl; }
  bool try_path(Attempt& attempt, const char* path);
  bool try_directory(Attempt& attempt, std::string_view directory);
  bool try_plain_directory(Attempt& attempt, std::string_view directory, std::string_view below);
  // Visits each directory of the list, its tokens replaced, until `visit` says that it is enough.
  template <class Visit>
  bool any_directory(const Directories& list, Visit visit);
  bool try_list(Attempt& attempt, const Directories& list);
  Directories library_path();
  Directories rpath_of(Module& module) const;
  Directories runpath_of(Module& module) const;
  Directories system_directories();
  bool try_rpaths(Attempt& attempt);
  bool try_cache(Attempt& attempt);
  bool search_as_glibc(Attempt& attempt);
  bool search_as_musl(Attempt& attempt);
  bool has_hwcaps(std::string_view directory);
  bool musl_follows(std::string_view list, Module& module);
  const char* musl_origin(Module& module);
  const char* expand_as_musl(std::string_view text, Module& module);
  const char* expand_as_glibc(std::string_view text, Module& module);
  const LibraryCache& cache();

  struct KnownDirectory {
    const char* name;
    bool has_hwcaps;
  };

  SearchSettings settings_;
  Module& program_;
  Arena& arena_;
  List<KnownDirectory> directories_;
  SystemDirectories system_directories_;
  LibraryCache cache_;
  AddressRange cache_memory_;
  bool cache_is_open_ = false;
};

template <class Visit>
bool LibrarySearch::any_directory(const Directories& list, Visit visit) {
  if (is_musl() && list.of != nullptr && !musl_follows(list.text, *list.of)) return false;
  PathList pieces(settings_.rules, list.kind, list.text);
  std::string_view directory;
  while (pieces.next(directory)) {
    if (list.of != nullptr && contains(directory, '$')) {
      const char* expanded = expand(directory, *list.of);
      if (expanded == nullptr) continue;
      directory = expanded;
    }
    while (!is_musl() && directory.size() > 1 && directory.back() == '/')
      directory.remove_suffix(1);
    if (visit(directory)) return true;
  }
  return false;
}

}  // namespace ldseal
