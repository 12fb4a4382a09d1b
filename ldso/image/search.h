// Searches for libraries: by ld.so(8) for glibc's programs, by musl's own rules for musl's.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/image/elf_file.h"
#include "ldso/image/hwcaps.h"
#include "ldso/image/library_cache.h"
#include "ldso/image/module.h"
#include "ldso/image/path_list.h"
#include "ldso/image/system_directories.h"

namespace ldseal {

// The settings of the process that apply to every search.
struct SearchSettings {
  LibcRules rules = LibcRules::kGlibc;
  const char* library_path = nullptr;    // --library-path or LD_LIBRARY_PATH; null: none
  const char* platform = nullptr;        // AT_PLATFORM, for $PLATFORM
  bool secure = false;                   // AT_SECURE: the caller must not choose what $ORIGIN is
  bool use_cache = true;                 // --inhibit-cache clears it
  const char* inhibit_rpath = nullptr;   // --inhibit-rpath: whose run paths do not count
  const char* hwcaps_prepend = nullptr;  // --glibc-hwcaps-prepend
  const char* hwcaps_mask = nullptr;     // --glibc-hwcaps-mask
  bool modules_are_final = false;  // after start-up: what modules say must not be written any more
  PageSize page;
};

struct FoundFile {
  ElfFile object;
  const char* path;  // in the arena of the search
};

class LibrarySearch {
 public:
  // $ORIGIN in the library path means the directory of `program`.
  LibrarySearch(const SearchSettings& settings, Module& program, Arena& arena)
      : settings_(settings), program_(program), arena_(arena) {}

  // Opens the file for `name`, which `needed_by` needs. Skips files for another machine or class.
  // An error names the library, the object that needs it and the places that were searched.
  Result<FoundFile> find(const char* name, Module& needed_by);
  // The same for a preload in a privileged process: the name has no slash, and only set-user-ID
  // files in the system's directories count (ld.so(8), LD_PRELOAD).
  Result<FoundFile> find_trusted(const char* name, Module& needed_by);

  // Searches the library path alone.
  Result<FoundFile> find_in_library_path(const char* name);

  // Replaces the dynamic string tokens in `text` with their values for `module`: $ORIGIN, $LIB and
  // $PLATFORM of ld.so(8), or musl's $ORIGIN alone. The result is in the arena. Null if that place
  // must not be searched.
  const char* expand(std::string_view text, Module& module);
  // Does the DT_NEEDED `name` have a token that a privileged process must not follow?
  bool is_forbidden_name(std::string_view name) const;
  // Returns the directory that $ORIGIN means; null if it cannot be determined.
  const char* origin_of(Module& module);

  // Returns, in order, every directory that is searched for what `asking` needs, without the cache
  // (dlinfo(3), RTLD_DI_SERINFO).
  List<const char*> directories_for(Module& asking);

  // Fixes the meaning of $ORIGIN for a module that was found by a relative path, because the
  // current directory may change.
  void settle_origin(Module& module);
  // Unmaps the cache if it is mapped. The next search that needs it maps it again.
  void release_cache();

  const SearchSettings& settings() const { return settings_; }
  SearchSettings& settings() { return settings_; }

 private:
  struct Attempt;
  enum class Trust : uint8_t;
  // A list of directories. Its tokens refer to the object `of`, which is null if it has none.
  struct Directories {
    ListKind kind;
    const char* text;
    Module* of;
    const char* what;  // its kind, for traces and messages
  };

  bool is_musl() const { return settings_.rules == LibcRules::kMusl; }
  // The path that is being tried, the only one at a time. Not on the stack: that of a thread that
  // opens an object may be small.
  TextWriter new_path();
  bool try_path(Attempt& attempt, const char* path);
  bool try_directory(Attempt& attempt, std::string_view directory);
  bool try_plain_directory(Attempt& attempt, std::string_view directory, std::string_view below);
  // Calls `visit` for each directory of the list, with tokens replaced, until `visit` returns true.
  template <class Visit>
  bool any_directory(const Directories& list, Visit visit);
  bool try_list(Attempt& attempt, const Directories& list);
  Directories library_path();
  bool is_run_path_inhibited(const Module& module) const;
  Directories rpath_of(Module& module) const;
  Directories runpath_of(Module& module) const;
  Directories system_directories();
  bool try_rpaths(Attempt& attempt);
  bool try_cache(Attempt& attempt);
  bool search_as_glibc(Attempt& attempt);
  bool search_as_musl(Attempt& attempt);
  Hwcaps hwcaps() const;
  bool has_hwcaps(std::string_view directory);
  bool try_hwcaps(Attempt& attempt, std::string_view directory);
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
  char* path_room_ = nullptr;
  List<KnownDirectory> directories_;
  SystemDirectories system_directories_;
  LibraryCache cache_;
  AddressRange cache_memory_;
  bool cache_is_open_ = false;
};

template <class Visit>
bool LibrarySearch::any_directory(const Directories& list, Visit visit) {
  if (list.text == nullptr) return false;
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
