// Where libraries are looked for, in which order: ld.so(8) for glibc's programs, and musl's own
// rule for musl's.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/image/library_cache.h"
#include "ldso/image/map_file.h"
#include "ldso/image/module.h"

namespace ldseal {

// Whose rules hold: decided by the program (its PT_INTERP and DT_NEEDED), once.
enum class Flavour : uint8_t { kGlibc, kMusl };

// What the whole process brings to every search.
struct SearchSettings {
  Flavour flavour = Flavour::kGlibc;
  const char* library_path = nullptr;  // --library-path or LD_LIBRARY_PATH; null: none
  const char* platform = nullptr;      // AT_PLATFORM, for $PLATFORM
  bool secure = false;                 // AT_SECURE: no $ORIGIN outside the system's directories
  bool use_cache = true;               // --inhibit-cache clears it
  bool modules_are_final = false;  // after start-up: what modules say must not be written any more
  PageSize page;
};

struct FoundObject {
  OpenObject object;
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
  Result<FoundObject> find(const char* name, Module& needed_by);
  // The same for a preload in a privileged process: no slash, system directories only, set-user-ID
  // files only.
  Result<FoundObject> find_trusted(const char* name, Module& needed_by);

  // Looks in the library path alone.
  Result<FoundObject> find_in_library_path(const char* name);

  // `text` with $ORIGIN, $LIB and $PLATFORM (ld.so(8), "Dynamic string tokens") of `module`
  // replaced, in the arena; null where a privileged process must not follow it.
  const char* expand(std::string_view text, Module& module);

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

  bool try_path(Attempt& attempt, const char* path);
  bool try_directory(Attempt& attempt, std::string_view directory);
  bool try_plain_directory(Attempt& attempt, std::string_view directory, std::string_view below);
  bool try_list(Attempt& attempt, const char* text, std::string_view separators, Module* expand_for,
                const char* what);
  bool try_library_path(Attempt& attempt, std::string_view separators);
  bool try_rpaths(Attempt& attempt);
  bool try_cache(Attempt& attempt);
  const char* default_directories();
  bool try_default_directories(Attempt& attempt);
  bool search_as_glibc(Attempt& attempt);
  bool search_as_musl(Attempt& attempt);
  bool has_hwcaps(std::string_view directory);
  const char* origin_of(Module& module);
  const LibraryCache& cache();
  const char* musl_path();

  struct KnownDirectory {
    const char* name;
    bool has_hwcaps;
  };

  SearchSettings settings_;
  Module& program_;
  Arena& arena_;
  List<KnownDirectory> directories_;
  LibraryCache cache_;
  AddressRange cache_memory_;
  bool cache_is_open_ = false;
  const char* musl_path_ = nullptr;
};

}  // namespace ldseal
