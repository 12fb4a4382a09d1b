// Tries a list of places in order until one has a file for this machine.
#include "ldso/image/search.h"

#include <asm/errno.h>
#include <linux/limits.h>
#include <optional>

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/elf/header.h"
#include "ldso/mem/mapping.h"

namespace ldseal {
namespace {

constexpr size_t kLongestPath = PATH_MAX;              // counts the closing NUL
constexpr size_t kLongestMuslPath = 2 * NAME_MAX + 2;  // musl's limit; it skips a longer path
constexpr const char* kCachePath = "/etc/ld.so.cache";

Error not_found(const char* name) {
  Error e = fault(Fault::kLibraryNotFound);
  e.name = name;
  e.error_number = ENOENT;
  return e;
}

}  // namespace

enum class LibrarySearch::Trust : uint8_t { kEveryFile, kSetUserIdFilesOnly };

// The state of one search: the name, the file that was found, and the reason for failure.
struct LibrarySearch::Attempt {
  const char* name;
  Module& needed_by;
  Trust trust = Trust::kEveryFile;
  TextBuffer<1024> searched = {};  // the places that were tried, for the error
  Error refusal = {};              // the first error other than ENOENT
  Error other_class = {};          // of a file that was passed over
  std::optional<FoundFile> found = {};
};

bool LibrarySearch::try_path(Attempt& attempt, const char* path) {
  trace::log(Topic::kLibs, {Event::kTryFile, {path}});
  Result<ElfFile> opened = ElfFile::open(path, settings_.page, arena_);
  if (!opened) {
    if (opened.error().fault == Fault::kBadClass) {
      attempt.other_class = opened.error();
      attempt.other_class.object = arena_.copy(path);
    }
    int e = opened.error().error_number;
    bool absent = opened.error().fault == Fault::kCannotOpen && (e == ENOENT || e == ENOTDIR);
    if (!absent && !is_foreign(opened.error()) && attempt.refusal.fault == Fault::kNone) {
      attempt.refusal = opened.error();
      attempt.refusal.object = arena_.copy(path);
    }
    return false;
  }
  bool only_trusted = attempt.trust == Trust::kSetUserIdFilesOnly;
  if (only_trusted && !opened->status().is_set_user_id()) return false;
  attempt.found.emplace(FoundFile{std::move(*opened), arena_.copy(path)});
  return true;
}

TextWriter LibrarySearch::new_path() {
  if (path_room_ == nullptr) path_room_ = arena_.make_array<char>(kLongestPath);
  return {path_room_, kLongestPath};
}

// Writes what comes before a file's name: nothing for glibc's empty part, which means the current
// directory.
static void enter_directory(TextWriter& path, std::string_view directory, LibcRules rules) {
  path << directory;
  bool needs_slash = !directory.empty() && directory != "/";
  if (needs_slash || rules == LibcRules::kMusl) path << '/';
}

bool LibrarySearch::try_plain_directory(Attempt& attempt, std::string_view directory,
                                        std::string_view below) {
  TextWriter path = new_path();
  enter_directory(path, directory, settings_.rules);
  path << below << attempt.name;
  bool too_long = path.overflowed() || (is_musl() && path.text().size() >= kLongestMuslPath);
  return !too_long && try_path(attempt, path.c_str());
}

// Remembers the answer for each directory: most have no glibc-hwcaps subdirectory.
bool LibrarySearch::has_hwcaps(std::string_view directory) {
  for (const KnownDirectory& known : directories_) {
    if (directory == known.name) return known.has_hwcaps;
  }
  TextWriter path = new_path();
  enter_directory(path, directory, settings_.rules);
  path << "glibc-hwcaps";
  kernel::FileStatus status;
  bool has = !path.overflowed() && !kernel::status_of(path.c_str(), status).failed() &&
             status.is_directory();
  directories_.add(arena_, {arena_.copy(directory), has});
  return has;
}

Hwcaps LibrarySearch::hwcaps() const {
  return {Native::kHwcapsPrefix, isa_level, settings_.hwcaps_prepend, settings_.hwcaps_mask};
}

bool LibrarySearch::try_hwcaps(Attempt& attempt, std::string_view directory) {
  auto try_one = [&](std::string_view name) {
    TextBuffer<NAME_MAX> below;
    below << "glibc-hwcaps/" << name << '/';
    return !below.overflowed() && try_plain_directory(attempt, directory, below.text());
  };
  Hwcaps names = hwcaps();
  std::string_view left = names.prepend == nullptr ? "" : names.prepend, prepended;
  while (split_next(left, ":", prepended)) {
    if (!prepended.empty() && try_one(prepended)) return true;
  }
  if (names.prefix == nullptr) return false;
  for (unsigned level = isa_level(); level >= 2; --level) {
    TextBuffer<16> name;
    name << names.prefix;
    name.decimal(level);
    if (names.allows_level(level) && try_one(name.text())) return true;
  }
  return false;
}

bool LibrarySearch::try_directory(Attempt& attempt, std::string_view directory) {
  bool glibc = settings_.rules == LibcRules::kGlibc;
  if (glibc && hwcaps().has_any() && has_hwcaps(directory) && try_hwcaps(attempt, directory))
    return true;
  return try_plain_directory(attempt, directory, "");
}

bool LibrarySearch::try_list(Attempt& attempt, const Directories& list) {
  if (list.text == nullptr || *list.text == '\0') return false;
  trace::log(Topic::kLibs,
             {Event::kSearchPath,
              {list.text, list.what, list.of == nullptr ? nullptr : list.of->display_name()}});
  attempt.searched << (attempt.searched.text().empty() ? "" : ", ") << list.what << ' '
                   << list.text;
  return any_directory(list, [&](std::string_view d) { return try_directory(attempt, d); });
}

// musl does not replace tokens in LD_LIBRARY_PATH.
LibrarySearch::Directories LibrarySearch::library_path() {
  Module* of = is_musl() ? nullptr : &program_;
  return {ListKind::kLibraryPath, settings_.library_path, of, "LD_LIBRARY_PATH"};
}

// The list has link_map's names with colons between them; the program's is empty.
bool LibrarySearch::is_run_path_inhibited(const Module& m) const {
  if (settings_.inhibit_rpath == nullptr || is_musl()) return false;
  std::string_view left = settings_.inhibit_rpath, name;
  while (split_next(left, ":", name)) {
    if (name == m.path) return true;
  }
  return false;
}

LibrarySearch::Directories LibrarySearch::rpath_of(Module& m) const {
  const char* list = is_run_path_inhibited(m) ? "" : m.symbols().text(m.dynamic.rpath);
  return {ListKind::kRunPath, list, &m, "RPATH"};
}

LibrarySearch::Directories LibrarySearch::runpath_of(Module& m) const {
  const char* list = is_run_path_inhibited(m) ? "" : m.symbols().text(m.dynamic.runpath);
  return {ListKind::kRunPath, list, &m, "RUNPATH"};
}

// Tries DT_RPATH of the object, of the object that needed it, and so on up to the program. An
// object's DT_RUNPATH cancels its own DT_RPATH. If the object that asks has a DT_RUNPATH, the whole
// step is skipped (ld.so(8)).
bool LibrarySearch::try_rpaths(Attempt& attempt) {
  if (attempt.needed_by.dynamic.runpath_present) return false;
  for (Module* m = &attempt.needed_by; m != nullptr; m = m->brought_by()) {
    if (!m->dynamic.rpath_present || m->dynamic.runpath_present) continue;
    if (try_list(attempt, rpath_of(*m))) return true;
  }
  return false;
}

const LibraryCache& LibrarySearch::cache() {
  if (cache_is_open_) return cache_;
  cache_is_open_ = true;
  kernel::Answer opened = kernel::open_read_only(kCachePath);
  if (opened.failed()) return cache_;
  int file = static_cast<int>(opened.value);
  kernel::FileStatus status;
  if (!kernel::status_of(file, status).failed() && status.size != 0) {
    Result<Mapping> mapped = Mapping::read_file(file, ByteCount(status.size));
    if (mapped) {
      cache_memory_ = std::move(*mapped).keep_forever();
      cache_ = LibraryCache(ByteView(cache_memory_.start.as<const void>(), status.size));
    }
  }
  kernel::close(file);
  return cache_;
}

void LibrarySearch::release_cache() {
  Mapping::owning(cache_memory_);  // unmaps it
  cache_memory_ = {};
  cache_ = LibraryCache();
  cache_is_open_ = false;
}

bool LibrarySearch::try_cache(Attempt& attempt) {
  if (!settings_.use_cache) return false;
  trace::log(Topic::kLibs, {Event::kSearchCache, {kCachePath}});
  attempt.searched << (attempt.searched.text().empty() ? "" : ", ") << kCachePath;
  const char* path = cache().find(attempt.name, Native::kCacheFlags, hwcaps());
  if (path == nullptr) return false;
  bool no_defaults = (attempt.needed_by.dynamic.flags_1 & DF_1_NODEFLIB) != 0;
  if (no_defaults && system_directories_.path_below(path, arena_) != nullptr) return false;
  return try_path(attempt, path);
}

LibrarySearch::Directories LibrarySearch::system_directories() {
  const char* list = system_directories_.list(settings_.rules, arena_);
  return {ListKind::kSystemPath, list, nullptr, "system search path"};
}

bool LibrarySearch::search_as_glibc(Attempt& attempt) {
  if (attempt.trust == Trust::kEveryFile) {
    Module& asking = attempt.needed_by;
    if (try_rpaths(attempt)) return true;
    if (try_list(attempt, library_path())) return true;
    if (asking.dynamic.runpath_present && try_list(attempt, runpath_of(asking))) return true;
    if (try_cache(attempt)) return true;
    if ((asking.dynamic.flags_1 & DF_1_NODEFLIB) != 0) return false;
  }
  return try_list(attempt, system_directories());
}

// musl: the environment, then the run paths of the object and of each object that needed it, then
// the system's path.
bool LibrarySearch::search_as_musl(Attempt& attempt) {
  if (try_list(attempt, library_path())) return true;
  for (Module* m = &attempt.needed_by; m != nullptr; m = m->brought_by()) {
    const Dynamic& d = m->dynamic;
    if (!d.rpath_present && !d.runpath_present) continue;
    if (try_list(attempt, d.runpath_present ? runpath_of(*m) : rpath_of(*m))) return true;
  }
  return try_list(attempt, system_directories());
}

// Lists each directory of a list once, as glibc does.
List<const char*> LibrarySearch::directories_for(Module& asking) {
  List<const char*> found;
  auto add = [&](const Directories& list) {
    size_t first = found.size();
    any_directory(list, [&](std::string_view directory) {
      const char* name = directory.empty() ? "." : arena_.copy(directory);
      for (size_t i = first; i < found.size(); ++i)
        if (equal(found[i], name)) return false;
      found.add(arena_, name);
      return false;
    });
  };
  bool has_runpath = asking.dynamic.runpath_present;
  for (Module* m = has_runpath ? nullptr : &asking; m != nullptr; m = m->brought_by()) {
    if (m->dynamic.rpath_present && !m->dynamic.runpath_present) add(rpath_of(*m));
  }
  add(library_path());
  if (has_runpath) add(runpath_of(asking));
  if ((asking.dynamic.flags_1 & DF_1_NODEFLIB) == 0) add(system_directories());
  return found;
}

Result<FoundFile> LibrarySearch::find(const char* name, Module& needed_by) {
  Attempt attempt{name, needed_by};
  trace::log(Topic::kLibs, {Event::kFindLibrary, {name, needed_by.display_name()}});
  bool found = false;
  if (contains(name, '/')) {
    const char* path = contains(name, '$') && !is_musl() ? expand(name, needed_by) : name;
    found = path != nullptr && try_path(attempt, path);
  } else {
    found =
        settings_.rules == LibcRules::kGlibc ? search_as_glibc(attempt) : search_as_musl(attempt);
  }
  if (found) return std::move(*attempt.found);
  if (attempt.refusal.fault == Fault::kNone && !is_musl()) attempt.refusal = attempt.other_class;
  bool is_refused = attempt.refusal.fault != Fault::kNone;
  Error e = is_refused ? attempt.refusal : not_found(name);
  if (!is_refused) e.object = needed_by.display_name();
  e.name = name;
  e.searched = arena_.copy(attempt.searched.text());
  return e;
}

Result<FoundFile> LibrarySearch::find_trusted(const char* name, Module& needed_by) {
  Attempt attempt{name, needed_by, Trust::kSetUserIdFilesOnly};
  if (!contains(name, '/') && try_list(attempt, system_directories())) {
    return std::move(*attempt.found);
  }
  Error e = not_found(name);
  e.object = needed_by.display_name();
  return e;
}

Result<FoundFile> LibrarySearch::find_in_library_path(const char* name) {
  Module nobody;
  Attempt attempt{name, nobody};
  if (try_list(attempt, library_path())) {
    return std::move(*attempt.found);
  }
  return not_found(name);
}

}  // namespace ldseal
