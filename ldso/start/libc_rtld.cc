// See libc_rtld.h.
#include "ldso/start/libc_rtld.h"

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/image/displaced_rtld.h"
#include "ldso/image/map_file.h"
#include "ldso/mem/arenas.h"
#include "ldso/mem/mapping.h"
#include "ldso/start/program.h"

namespace ldseal {
namespace {

// Null if it cannot be mapped, or is ld-seal.
Module* map_rtld(const FoundFile& found, PageSize page) {
  auto* rtld = permanent_arena.make<Module>();
  rtld->kind = ModuleKind::kLibcRtld;
  rtld->path = rtld->file_path = found.path;
  if (!map_object(*rtld, found.object, page, permanent_arena)) return nullptr;
  Status has_headers = use_mapped_headers(*rtld, found.object.header(), page, permanent_arena);
  bool is_loader = has_headers && rtld->entry.value != 0 && !is_ld_seal(*rtld);
  if (is_loader) return rtld;
  Mapping::owning(rtld->span);  // ends here
  return nullptr;
}

// The search for a loader: a list of places until one has a loader that is not ld-seal.
class RtldSearch {
 public:
  RtldSearch(LibrarySearch& search, Module& program) : search_(search), program_(program) {
    map_as_libc_does();
  }

  // Looks for a library of this name, or at this path. A null is nowhere.
  bool try_name(const char* name) {
    if (name == nullptr || rtld_ != nullptr) return rtld_ != nullptr;
    if (map(name)) return true;
    TextBuffer<PATH_MAX> path;
    return map(displaced_path(path, name));
  }

  bool try_in_directory(std::string_view directory, const char* name) {
    TextBuffer<PATH_MAX> path;
    path << directory << '/' << name;
    return !path.overflowed() && try_name(path.c_str());
  }

  // Looks beside the file that a search for `library` finds.
  bool try_beside(const char* library, const char* name) {
    if (rtld_ != nullptr) return true;
    Result<FoundFile> beside = search_.find(library, program_);
    if (!beside) return false;
    std::string_view path = beside->path;
    size_t slash = path.rfind('/');
    return slash != std::string_view::npos && try_in_directory(path.substr(0, slash), name);
  }

  Result<Module*> take(const char* name) {
    search_.release_cache();
    if (rtld_ != nullptr) return rtld_;
    Error e = fault(Fault::kLibraryNotFound);
    e.name = name;
    e.object = program_.display_name();
    return e;
  }

 private:
  bool map(const char* name) {
    Result<FoundFile> found = search_.find(name, program_);
    if (found) rtld_ = map_rtld(*found, search_.settings().page);
    return rtld_ != nullptr;
  }

  LibrarySearch& search_;
  Module& program_;
  Module* rtld_ = nullptr;
};

Result<Module*> find_glibc_rtld(LibrarySearch& search, Module& program, const char* known) {
  RtldSearch rtld(search, program);
  bool is_found = rtld.try_name(known) || rtld.try_name(Native::kGlibcRtld) ||
                  rtld.try_name(interpreter_path(program)) ||
                  rtld.try_beside("libc.so.6", Native::kGlibcRtld);
  if (!is_found) {
    for (const char* directory : search.directories_for(program))
      rtld.try_in_directory(directory, Native::kGlibcRtld);
  }
  return rtld.take(Native::kGlibcRtld);
}

Result<Module*> find_musl_rtld(LibrarySearch& search, Module& program, const char* known) {
  RtldSearch rtld(search, program);
  TextBuffer<64> usual;
  usual << "/lib/" << Native::kMuslRtld << ".so.1";
  (void)(rtld.try_name(known) || rtld.try_name(interpreter_path(program)) ||
         rtld.try_name(usual.c_str()));
  return rtld.take(Native::kMuslRtld);
}

const char* path_of(const Module* module) { return module == nullptr ? nullptr : module->path; }

}  // namespace

Result<Module*> load_glibc_rtld(Process& p) {
  SearchSettings settings;
  settings.page = p.page;
  Module& nothing = *permanent_arena.make<Module>();
  LibrarySearch search(settings, nothing, permanent_arena);
  auto own_path = Address(p.stack.value(AT_EXECFN)).as<const char>();  // as a command
  return find_glibc_rtld(search, nothing, own_path);
}

Result<Module*> load_libc_rtld(Process& p) {
  Module& program = *p.graph.program;
  LibrarySearch search(*p.search, program, permanent_arena);
  return p.search->rules == LibcRules::kMusl
             ? find_musl_rtld(search, program, path_of(p.graph.libc))
             : find_glibc_rtld(search, program, path_of(p.graph.libc_rtld));
}

void describe_as_command(const ProcessStack& stack, const Module& rtld) {
  stack.set(AT_PHDR, reinterpret_cast<uintptr_t>(rtld.segments.headers.data()));
  stack.set(AT_PHNUM, rtld.segments.headers.size());
  stack.set(AT_ENTRY, rtld.entry.value);
  stack.set(AT_BASE, 0);
}

}  // namespace ldseal
