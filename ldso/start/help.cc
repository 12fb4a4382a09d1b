// See help.h. ld.so(8) sends its readers to the lines about directories.
#include "ldso/start/help.h"

#include <linux/limits.h>

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/image/hwcaps.h"
#include "ldso/image/isa_level.h"
#include "ldso/image/path_list.h"
#include "ldso/image/system_directories.h"
#include "ldso/mem/arenas.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

constexpr unsigned kHighestLevel = 4;  // of glibc's x86-64-v2 to -v4

void print(std::string_view text) { kernel::write(1, text); }

void print_options() {
  TextBuffer<3072> text;
  text << "Usage: " << Native::kLoaderName << " [OPTION]... PROGRAM [ARGUMENT]...\n"
       << "Runs PROGRAM: maps its libraries, relocates them, and starts it.\n\n"
          "  --list               print the libraries and where they are mapped, do not run\n"
          "  --verify             exit with 0 if PROGRAM is dynamically linked and can be run,\n"
          "                       1 if it cannot be loaded, 2 if it names no loader\n"
          "  --library-path PATH  search PATH before the system's directories\n"
          "                       (instead of LD_LIBRARY_PATH)\n"
          "  --preload LIST       load these objects first\n"
          "  --argv0 STRING       give the program this argv[0]\n"
          "  --inhibit-cache      do not use /etc/ld.so.cache\n"
          "  --glibc-hwcaps-prepend LIST\n"
          "                       search these subdirectories of glibc-hwcaps first\n"
          "  --glibc-hwcaps-mask LIST\n"
          "                       search only these of the machine's own\n"
          "  --inhibit-rpath LIST ignore RPATH and RUNPATH of the objects in LIST\n"
          "  --audit LIST         run PROGRAM under libc's own loader, with these auditors\n"
          "  --list-tunables      print glibc's tunables, as its own loader does\n"
          "  --list-diagnostics   print what glibc's loader knows of the machine\n"
          "  --help               print this text\n"
          "  --version            print the version\n\n"
          "Environment: LD_LIBRARY_PATH, LD_PRELOAD, LD_BIND_NOW, LD_DYNAMIC_WEAK,\n"
          "LD_TRACE_LOADED_OBJECTS, LD_VERBOSE, LD_SHOW_AUXV, LD_DEBUG (LD_DEBUG=help lists its "
          "words) and LD_DEBUG_OUTPUT, "
          "as in ld.so(8);\n"
          "LDSEAL: what is sealed, words separated by commas: on, off, require, +CLASS,\n"
          "-CLASS (text, relro, system, loader, plt, data, stack, wx, dlopen); LDSEAL_DEBUG: as "
          "LD_DEBUG;\n"
          "LDSEAL_GUARD: how guards are put under the stacks of threads: auto, madv, prot, off.\n";
  print(text.text());
}

List<std::string_view> directories_of(ListKind kind, const char* list) {
  PathList pieces(LibcRules::kGlibc, kind, list);
  List<std::string_view> directories;
  std::string_view directory;
  while (pieces.next(directory)) {
    while (directory.size() > 1 && directory.ends_with('/')) directory.remove_suffix(1);
    directories.add(scratch_arena, directory.empty() ? "." : directory);
  }
  return directories;
}

bool has(const List<std::string_view>& directories, size_t upto, std::string_view directory) {
  for (size_t i = 0; i < upto; ++i) {
    if (directories[i] == directory) return true;
  }
  return false;
}

// Each once. A directory of the system is called that, also where the variable names it.
void print_directories(const List<std::string_view>& directories,
                       const List<std::string_view>& system, const char* what) {
  constexpr char kSystems[] = "system search path";
  for (size_t i = 0; i < directories.size(); ++i) {
    std::string_view directory = directories[i];
    if (has(directories, i, directory)) continue;
    TextBuffer<PATH_MAX> line;
    line << "  " << directory << " (" << (has(system, system.size(), directory) ? kSystems : what)
         << ")\n";
    print(line.text());
  }
}

void print_search_path(const Options& options) {
  const bool is_option = options.library_path != nullptr;
  const char* path = is_option ? options.library_path : options.library_path_variable;
  SystemDirectories directories;
  List<std::string_view> system =
      directories_of(ListKind::kSystemPath, directories.list(LibcRules::kGlibc, scratch_arena));
  print("\nShared library search path:\n");
  print_directories(directories_of(ListKind::kLibraryPath, path), system,
                    is_option ? "--library-path" : "LD_LIBRARY_PATH");
  print("  (libraries located via /etc/ld.so.cache)\n");
  print_directories(system, system, "");
}

class Subdirectories {
 public:
  void print_one(std::string_view name, std::string_view how) {
    if (!has_some_) print("\nSubdirectories of glibc-hwcaps directories, in priority order:\n");
    has_some_ = true;
    TextBuffer<PATH_MAX> line;
    line << "  " << name << how << '\n';
    print(line.text());
  }
  bool has_some() const { return has_some_; }

 private:
  bool has_some_ = false;
};

void print_hwcaps(const Hwcaps& hwcaps) {
  Subdirectories all;
  std::string_view left = hwcaps.prepend == nullptr ? "" : hwcaps.prepend, name;
  while (split_next(left, ":", name)) {
    if (!name.empty()) all.print_one(name, " (searched)");
  }
  for (unsigned level = kHighestLevel; hwcaps.prefix != nullptr && level > 1; --level) {
    bool is_supported = level <= hwcaps.isa_level(), is_allowed = hwcaps.allows_level(level);
    TextBuffer<32> built_in;
    (built_in << hwcaps.prefix).decimal(level);
    all.print_one(built_in.text(),
                  is_supported ? is_allowed ? " (supported, searched)" : " (supported, masked)"
                  : is_allowed ? ""
                               : " (masked)");
  }
  if (!all.has_some()) print("\nNo subdirectories of glibc-hwcaps directories are searched.\n");
}

}  // namespace

void print_version() {
  TextBuffer<256> line;
  line << Native::kLoaderName << " (ldseal) " << LDSEAL_VERSION << '\n';
  print(line.text());
}

void print_help(const Options& options) {
  print_options();
  print_search_path(options);
  print_hwcaps({Native::kHwcapsPrefix, isa_level, options.hwcaps_prepend, options.hwcaps_mask});
}

}  // namespace ldseal
