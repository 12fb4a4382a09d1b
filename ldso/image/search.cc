// The search itself: a list of places tried in order until one has a file for this machine.
#include "ldso/image/search.h"

#include <asm/errno.h>
#include <linux/limits.h>

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/elf/header.h"

namespace ldseal {
namespace {

constexpr size_t kLongestPath = PATH_MAX;  // the closing NUL included
constexpr const char* kCachePath = "/etc/ld.so.cache";

Error not_found(const char* name) {
  Error e = fault(Fault::kLibraryNotFound);
  e.name = name;
  e.error_number = ENOENT;
  return e;
}

}  // namespace

// One search under way: what is wanted, what was found, and what stood in the way.
struct LibrarySearch::Attempt {
  const char* name;
  Module& needed_by;
  TextBuffer<1024> searched;   // for the error: the places tried
  Error refusal = {};          // the first error that is not "no such file"
  const char* path = nullptr;  // of the object found
  alignas(OpenObject) unsigned char storage[sizeof(OpenObject)];
  bool trusted_only = false;

  OpenObject& object() { return *std::launder(reinterpret_cast<OpenObject*>(storage)); }
};

bool LibrarySearch::try_path(Attempt& attempt, const char* path) {
  trace::tell(Topic::kLibs, {Event::kTryFile, {path}});
  Result<OpenObject> opened = OpenObject::open(path, settings_.page, arena_);
  if (!opened) {
    int e = opened.error().error_number;
    bool absent = opened.error().fault == Fault::kCannotOpen && (e == ENOENT || e == ENOTDIR);
    if (!absent && !is_foreign(opened.error()) && attempt.refusal.fault == Fault::kNone) {
      attempt.refusal = opened.error();
      attempt.refusal.object = arena_.copy(path);
    }
    return false;
  }
  if (attempt.trusted_only && !opened->status().is_set_user_id()) return false;
  new (attempt.storage) OpenObject(std::move(*opened));
  attempt.path = arena_.copy(path);
  return true;
}

bool LibrarySearch::try_plain_directory(Attempt& attempt, std::string_view directory,
                                        std::string_view below) {
  TextBuffer<kLongestPath> path;
  path << directory;
  if (!directory.empty() && directory.back() != '/') path << '/';
  path << below << attempt.name;
  return !path.overflowed() && try_path(attempt, path.c_str());
}

// Asked once for each directory: most have no glibc-hwcaps subdirectory.
bool LibrarySearch::has_hwcaps(std::string_view directory) {
  for (const KnownDirectory& known : directories_) {
    if (directory == known.name) return known.has_hwcaps;
  }
  TextBuffer<kLongestPath> path;
  path << directory << "/glibc-hwcaps";
  kernel::FileStatus status;
  bool has = !path.overflowed() && !kernel::status_of(path.c_str(), status).failed() &&
             status.is_directory();
  directories_.add(arena_, {arena_.copy(directory), has});
  return has;
}

bool LibrarySearch::try_directory(Attempt& attempt, std::string_view directory) {
  if (settings_.flavour == Flavour::kGlibc && Native::kHwcapsPrefix != nullptr &&
      has_hwcaps(directory)) {
    for (unsigned level = isa_level(); level >= 2; --level) {
      TextBuffer<64> below;
      below << "glibc-hwcaps/" << Native::kHwcapsPrefix;
      below.decimal(level) << '/';
      if (try_plain_directory(attempt, directory, below.text())) return true;
    }
  }
  return try_plain_directory(attempt, directory, "");
}

// `expand_for`: the object that dynamic string tokens in the list refer to; null for a list without
// any.
bool LibrarySearch::try_list(Attempt& attempt, const char* text, std::string_view separators,
                             Module* expand_for, const char* what) {
  if (text == nullptr) return false;
  std::string_view list(text);
  trace::tell(Topic::kLibs,
              {Event::kSearchPath,
               {list.data(), what, expand_for == nullptr ? nullptr : expand_for->display_name()}});
  attempt.searched << (attempt.searched.text().empty() ? "" : ", ") << what << ' ' << list;
  std::string_view directory;
  while (next_piece(list, separators, directory)) {
    if (directory.empty()) directory = ".";  // ld.so(8): an empty entry is the current directory
    if (expand_for != nullptr && contains(directory, '$')) {
      const char* expanded = expand(directory, *expand_for);
      if (expanded == nullptr) continue;
      directory = expanded;
    }
    if (try_directory(attempt, directory)) return true;
  }
  return false;
}

bool LibrarySearch::try_library_path(Attempt& attempt, std::string_view separators) {
  return try_list(attempt, settings_.library_path, separators, &program_, "LD_LIBRARY_PATH");
}

// DT_RPATH of the object, of the one that brought it, and so on up to the program; DT_RUNPATH in an
// object makes its own DT_RPATH void, and in the object that asks it ends the whole step.
bool LibrarySearch::try_rpaths(Attempt& attempt) {
  if (attempt.needed_by.dynamic.runpath_present) return false;
  for (Module* m = &attempt.needed_by; m != nullptr; m = m->loader) {
    if (!m->dynamic.rpath_present || m->dynamic.runpath_present) continue;
    if (try_list(attempt, m->symbols().text(m->dynamic.rpath), ":", m, "RPATH")) return true;
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
  Mapping::owning(cache_memory_);  // ends here
  cache_memory_ = {};
  cache_ = LibraryCache();
  cache_is_open_ = false;
}

bool LibrarySearch::try_cache(Attempt& attempt) {
  if (!settings_.use_cache) return false;
  trace::tell(Topic::kLibs, {Event::kSearchCache, {kCachePath}});
  attempt.searched << (attempt.searched.text().empty() ? "" : ", ") << kCachePath;
  const char* path =
      cache().find(attempt.name, Native::kCacheFlags, Native::kHwcapsPrefix, isa_level);
  return path != nullptr && try_path(attempt, path);
}

const char* LibrarySearch::default_directories() {
  TextBuffer<256> list;
  list << "/lib/" << Native::kMultiarch << ":/usr/lib/" << Native::kMultiarch << ":/lib:/usr/lib";
  return arena_.copy(list.text());
}

bool LibrarySearch::try_default_directories(Attempt& attempt) {
  return try_list(attempt, default_directories(), ":", nullptr, "system search path");
}

bool LibrarySearch::search_as_glibc(Attempt& attempt) {
  if (!attempt.trusted_only) {
    Module& asking = attempt.needed_by;
    if (try_rpaths(attempt)) return true;
    if (try_library_path(attempt, ":;")) return true;
    if (asking.dynamic.runpath_present &&
        try_list(attempt, asking.symbols().text(asking.dynamic.runpath), ":", &asking, "RUNPATH")) {
      return true;
    }
    if ((asking.dynamic.flags_1 & DF_1_NODEFLIB) != 0) return false;
    if (try_cache(attempt)) return true;
  }
  return try_default_directories(attempt);
}

// musl's file of directories, one a line or separated by colons; without it, musl's built-in list.
const char* LibrarySearch::musl_path() {
  if (musl_path_ != nullptr) return musl_path_;
  musl_path_ = "/lib:/usr/local/lib:/usr/lib";
  TextBuffer<64> file_path;
  file_path << "/etc/" << Native::kMuslLoader << ".path";
  kernel::Answer opened = kernel::open_read_only(file_path.c_str());
  if (opened.failed()) return musl_path_;
  int file = static_cast<int>(opened.value);
  kernel::FileStatus status;
  if (!kernel::status_of(file, status).failed()) {
    char* text = arena_.make_zeroed_array<char>(status.size + 1);
    kernel::Answer got = kernel::read_at(file, text, status.size, FileOffset(0));
    if (!got.failed()) musl_path_ = text;
  }
  kernel::close(file);
  return musl_path_;
}

// musl: the environment first, then the run paths of the object and of all that brought it, then
// the system's path.
bool LibrarySearch::search_as_musl(Attempt& attempt) {
  if (try_library_path(attempt, ":\n")) return true;
  for (Module* m = &attempt.needed_by; m != nullptr; m = m->loader) {
    const Dynamic& d = m->dynamic;
    if (!d.rpath_present && !d.runpath_present) continue;
    const char* list = m->symbols().text(d.runpath_present ? d.runpath : d.rpath);
    if (try_list(attempt, list, ":", m, d.runpath_present ? "RUNPATH" : "RPATH")) return true;
  }
  return try_list(attempt, musl_path(), ":\n", nullptr, "system search path");
}

namespace {

// How glibc lists directories: each as its run paths have it, a slash at the end of none.
class DirectoryCollector {
 public:
  DirectoryCollector(LibrarySearch& search, Arena& arena) : search_(search), arena_(arena) {}

  void add(const char* text, std::string_view separators, Module* expand_for) {
    if (text == nullptr) return;
    std::string_view list(text), directory;
    while (next_piece(list, separators, directory)) {
      if (directory.empty()) directory = ".";
      const char* kept =
          expand_for == nullptr ? arena_.copy(directory) : search_.expand(directory, *expand_for);
      if (kept != nullptr) found_.add(arena_, kept);
    }
  }
  const List<const char*>& found() const { return found_; }

 private:
  LibrarySearch& search_;
  Arena& arena_;
  List<const char*> found_;
};

}  // namespace

List<const char*> LibrarySearch::directories_for(Module& asking) {
  DirectoryCollector all(*this, arena_);
  bool has_runpath = asking.dynamic.runpath_present;
  for (Module* m = has_runpath ? nullptr : &asking; m != nullptr; m = m->loader) {
    if (m->dynamic.rpath_present && !m->dynamic.runpath_present)
      all.add(m->symbols().text(m->dynamic.rpath), ":", m);
  }
  all.add(settings_.library_path, ":;", &program_);
  if (has_runpath) all.add(asking.symbols().text(asking.dynamic.runpath), ":", &asking);
  if ((asking.dynamic.flags_1 & DF_1_NODEFLIB) == 0) all.add(default_directories(), ":", nullptr);
  return all.found();
}

Result<FoundObject> LibrarySearch::find(const char* name, Module& needed_by) {
  Attempt attempt{name, needed_by, {}, {}, nullptr, {}, false};
  trace::tell(Topic::kLibs, {Event::kFindLibrary, {name, needed_by.display_name()}});
  bool found = false;
  if (contains(name, '/')) {
    const char* path = contains(name, '$') ? expand(name, needed_by) : name;
    found = path != nullptr && try_path(attempt, path);
  } else {
    found =
        settings_.flavour == Flavour::kGlibc ? search_as_glibc(attempt) : search_as_musl(attempt);
  }
  if (found) return FoundObject{std::move(attempt.object()), attempt.path};
  bool is_refused = attempt.refusal.fault != Fault::kNone;
  Error e = is_refused ? attempt.refusal : not_found(name);
  if (!is_refused) e.object = needed_by.display_name();
  e.name = name;
  e.searched = arena_.copy(attempt.searched.text());
  return e;
}

Result<FoundObject> LibrarySearch::find_trusted(const char* name, Module& needed_by) {
  Attempt attempt{name, needed_by, {}, {}, nullptr, {}, true};
  if (!contains(name, '/') && try_default_directories(attempt)) {
    return FoundObject{std::move(attempt.object()), attempt.path};
  }
  Error e = not_found(name);
  e.object = needed_by.display_name();
  return e;
}

Result<FoundObject> LibrarySearch::find_in_library_path(const char* name) {
  Module nobody;
  Attempt attempt{name, nobody, {}, {}, nullptr, {}, false};
  if (try_library_path(attempt, ":;\n")) {
    return FoundObject{std::move(attempt.object()), attempt.path};
  }
  return not_found(name);
}

const char* LibrarySearch::origin_of(Module& module) {
  if (module.origin != nullptr) return module.origin;
  TextBuffer<kLongestPath> path;
  char text[kLongestPath];
  if (module.is_running_executable) {
    kernel::Answer got = kernel::read_link("/proc/self/exe", text, sizeof text);
    if (!got.failed()) path << std::string_view(text, static_cast<size_t>(got.value));
  } else if (module.file_path[0] != '/') {
    kernel::Answer got = kernel::current_directory(text, sizeof text);
    if (!got.failed()) path << text << '/' << module.file_path;
  } else {
    path << module.file_path;
  }
  const char* origin = arena_.copy(directory_name(path.text()));
  if (!settings_.modules_are_final) module.origin = origin;
  return origin;
}

void LibrarySearch::settle_origin(Module& module) {
  if (module.file_path[0] != '/' && !module.is_running_executable)
    module.origin = origin_of(module);
}

namespace {

// The length of the token at text[0] == '$' if it is this one, in either spelling: $NAME or
// ${NAME}; else 0.
size_t token_length(std::string_view text, std::string_view name) {
  text.remove_prefix(1);
  bool braced = text.starts_with('{');
  if (braced) text.remove_prefix(1);
  if (!text.starts_with(name)) return 0;
  text.remove_prefix(name.size());
  if (braced) return text.starts_with('}') ? name.size() + 3 : 0;
  char next = text.empty() ? '\0' : text[0];
  bool word_goes_on = (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z') || next == '_' ||
                      (next >= '0' && next <= '9');
  return word_goes_on ? 0 : name.size() + 1;
}

// The directories that a privileged process may reach by $ORIGIN.
bool is_system_directory(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  TextBuffer<128> multiarch;
  multiarch << "/usr/lib/" << Native::kMultiarch;
  return path == "/lib" || path == "/usr/lib" || path == multiarch.text() ||
         path == multiarch.text().substr(4);
}

}  // namespace

const char* LibrarySearch::expand(std::string_view text, Module& module) {
  TextBuffer<kLongestPath> out;
  bool used_origin = false;
  while (!text.empty()) {
    if (text[0] != '$') {
      out << text[0];
      text.remove_prefix(1);
      continue;
    }
    size_t length = token_length(text, "ORIGIN");
    if (length != 0) {
      out << origin_of(module);
      used_origin = true;
    } else if ((length = token_length(text, "LIB")) != 0) {
      out << "lib/" << Native::kMultiarch;
    } else if ((length = token_length(text, "PLATFORM")) != 0) {
      out << platform_name(settings_.platform != nullptr ? settings_.platform : Native::kPlatform);
    } else {
      out << '$';
      length = 1;
    }
    text.remove_prefix(length);
  }
  if (out.overflowed()) return nullptr;
  if (settings_.secure && used_origin && !is_system_directory(out.text())) return nullptr;
  return arena_.copy(out.text());
}

}  // namespace ldseal
