// Breadth-first search over DT_NEEDED. Two names for the same file, or with the same DT_SONAME,
// mean one object.
#include "ldso/image/graph.h"

#include <asm/errno.h>
#include <linux/limits.h>

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/image/displaced_rtld.h"
#include "ldso/image/map_file.h"
#include "ldso/mem/mapping.h"

namespace ldseal {
namespace {

constexpr std::string_view kGlibcName = "libc.so.6";

// musl reserves these names: its libc.so contains all these libraries.
constexpr char kInsideMusl[][9] = {"c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."};

bool is_inside_musl(const char* name) {
  if (!starts_with(name, "lib")) return false;
  for (const auto& part : kInsideMusl) {
    if (starts_with(name + 3, part)) return true;
  }
  return false;
}

// The names that glibc tries to preload into a privileged program. It ignores the others without a
// message, too.
bool may_be_trusted(std::string_view name) {
  return name.size() < NAME_MAX && name.find('/') == std::string_view::npos;
}

bool is_musl_rtld(std::string_view path) { return file_name(path).starts_with(Native::kMuslRtld); }

ModuleKind kind_for(std::string_view name) {
  std::string_view file = file_name(name);
  if (file == kGlibcName) return ModuleKind::kLibc;
  return file == Native::kGlibcRtld ? ModuleKind::kLibcRtld : ModuleKind::kLibrary;
}

Error forbidden_name(const char* name, const Module& needed_by) {
  Error e = fault(Fault::kLibraryNotFound);
  e.name = name;
  e.object = needed_by.display_name();
  e.error_number = EACCES;
  return e;
}

// Stacks stay as they are once the program runs: the words are those of glibc 2.41 and later.
Error needs_executable_stack(const char* path, const Segments& segments) {
  Error e = fault(Fault::kExecutableStack);
  e.object = path;
  e.field = "PT_GNU_STACK p_flags";
  e.found = segments.stack->p_flags;
  e.wanted = PF_R | PF_W;
  e.error_number = EINVAL;
  return e;
}

// The caller of a privileged program chooses its preloads, and must not make it give way to libc's
// own loader by one that needs what only that loader does (start/give_way.h).
Status check_trusted(const FoundFile& found) {
  if (asks_for_executable_stack(found.object.segments()))
    return needs_executable_stack(found.path, found.object.segments());
  if (!found.object.has_dynamic_entry(DT_TEXTREL)) return {};
  Error e = fault(Fault::kHasTextRelocations);
  e.object = found.path;
  e.field = "DT_TEXTREL";
  return e;
}

}  // namespace

const char* interpreter_path(const Module& program) {
  const Phdr* ph = program.segments.interpreter;
  if (ph == nullptr || ph->p_filesz == 0) return nullptr;
  ImageView image = ImageView::of_memory(program.segments.headers, program.bias);
  const char* path = image.at<const char>(Vaddr(ph->p_vaddr), ByteCount(ph->p_filesz));
  return path != nullptr && path[ph->p_filesz - 1] == '\0' ? path : nullptr;
}

LibcRules libc_rules_of(const Module& program) {
  const char* interpreter = interpreter_path(program);
  if (interpreter != nullptr && is_musl_rtld(interpreter)) return LibcRules::kMusl;
  LibcRules rules = LibcRules::kGlibc;
  Status walked = for_each_needed(program, [&](std::string_view name) -> Status {
    if (name == "libc.so" || name.starts_with("libc.musl-")) rules = LibcRules::kMusl;
    return {};
  });
  (void)walked;  // the visit never fails
  return rules;
}

void GraphBuilder::append(Module& module) {
  module.position = static_cast<uint32_t>(graph_.modules.size());
  graph_.modules.add(arena_, &module);
  graph_.identities.add(arena_, module.identity);
}

void GraphBuilder::add_program(Module& program) {
  graph_.program = &program;
  append(program);
  if (program.soname != nullptr) graph_.names.add(arena_, program.soname, &program);
}

static Error named(Error e, const char* name) {
  e.name = name;
  return e;
}

void GraphBuilder::add_preloads(const char* list, void (*failed)(const Error&)) {
  bool musl = search_.settings().rules == LibcRules::kMusl;
  bool secure = search_.settings().secure;
  if (list == nullptr || (musl && secure)) return;  // a privileged process of musl's has none
  Want want = secure ? Want::kLoadedIfTrusted : Want::kLoaded;
  // With musl, preloads are searched for without any object's run path.
  Module& asking = musl ? *arena_.make<Module>() : *graph_.program;
  PathList names(search_.settings().rules, ListKind::kPreloads, list);
  std::string_view name;
  while (names.next(name)) {
    if (secure && !may_be_trusted(name)) continue;
    const char* kept = arena_.copy(name);
    Result<Module*> loaded = load(kept, asking, want);
    if (!loaded) failed(named(loaded.error(), kept));
  }
}

void GraphBuilder::add_preloads_of_file(const char* list, void (*failed)(const Error&)) {
  bool secure = search_.settings().secure;
  PathList names(search_.settings().rules, ListKind::kPreloadFile, list);
  std::string_view name;
  while (names.next(name)) {
    bool must_be_trusted = secure && !contains(name, '/');
    Want want = must_be_trusted ? Want::kLoadedIfTrusted : Want::kLoaded;
    const char* kept = arena_.copy(name);
    Result<Module*> loaded = search_.is_forbidden_name(name)
                                 ? Result<Module*>(forbidden_name(kept, *graph_.program))
                                 : load(kept, *graph_.program, want);
    if (!loaded) failed(named(loaded.error(), kept));
  }
}

Status GraphBuilder::load_needed() {
  for (size_t i = 0; i < graph_.modules.size(); ++i) {  // the list grows during the loop
    if (Status s = load_needed_by(*graph_.modules[i]); !s) return s;
  }
  return {};
}

Status GraphBuilder::load_needed_by(Module& module) {
  bool unread = module.kind == ModuleKind::kLibc && graph_.libc_file.has_value();
  if (unread) return load_dependency(Native::kGlibcRtld, module);
  bool glibc = search_.settings().rules == LibcRules::kGlibc;
  for (const Dyn& entry : module.dynamic.entries) {
    const char* name = module.symbols().text(entry.d_un.d_val);
    Status s;
    if (entry.d_tag == DT_NEEDED) s = load_dependency(name, module);
    if (glibc && entry.d_tag == kDynamicFilter) s = load_filtee(name, module);
    if (glibc && entry.d_tag == kDynamicAuxiliary) load_auxiliary(name, module);
    if (!s) return s;
  }
  return {};
}

// A filtee is needed, too: it is constructed before its filter and stays as long.
Status GraphBuilder::load_filtee(const char* name, Module& filter) {
  size_t before = filter.needed.size();
  if (Status s = load_dependency(name, filter); !s) return s;
  if (filter.needed.size() != before) filter.filtees.add(arena_, filter.needed[before]);
  return {};
}

// The filter does without one that cannot be loaded.
void GraphBuilder::load_auxiliary(const char* name, Module& filter) {
  void (*missing)(const Error&) = missing_;
  missing_ = nullptr;
  (void)load_filtee(name, filter);
  missing_ = missing;
}

// Objects may need ld-seal itself: when they are linked against libc.so while ld-seal is installed
// in place of libc's loader, AS_NEEDED adds it for a thread-local variable. It is in every scope,
// so nothing is loaded.
Status GraphBuilder::load_dependency(const char* name, Module& module) {
  if (equal(name, Native::kLoaderName)) return {};
  trace::log(Topic::kFiles, {Event::kFileNeeded, {name, module.display_name()}});
  if (search_.is_forbidden_name(name)) return forbidden_name(name, module);
  Result<Module*> loaded = load(name, module, Want::kLoaded);
  if (loaded) {
    module.needed.add(arena_, *loaded);
    return {};
  }
  bool may_go_on = missing_ != nullptr && loaded.error().fault == Fault::kLibraryNotFound;
  if (!may_go_on) return loaded.error();
  missing_(loaded.error());
  return {};
}

Module* GraphBuilder::find_same_file(FileIdentity identity) const {
  for (size_t i = 0; i < graph_.identities.size(); ++i) {
    if (graph_.identities[i] == identity) return graph_.modules[i];
  }
  return loaded_ == nullptr ? nullptr : loaded_->by_file(identity);
}

// musl knows an object by its file, or by the name that it was searched for by.
Module* GraphBuilder::find_by_name(const char* name) const {
  bool musl = search_.settings().rules == LibcRules::kMusl;
  if (musl && contains(name, '/')) return nullptr;
  Module* known = graph_.names.find(name);
  return known != nullptr || loaded_ == nullptr ? known : loaded_->by_name(name);
}

Result<Module*> GraphBuilder::load(const char* name, Module& needed_by, Want want) {
  if (Module* known = find_by_name(name)) return known;
  if (search_.settings().rules == LibcRules::kMusl && is_inside_musl(name)) {
    return load_musl_libc(name, needed_by, want);
  }
  Result<FoundFile> found = find_needed(name, needed_by, want);
  if (!found) return found.error();
  if (want == Want::kLoadedIfTrusted) {
    if (Status s = check_trusted(*found); !s) return s.error();
  }
  return add_file(name, *found, needed_by, want);
}

// Where a process may have no more descriptors, the one of libc's file is given up for the search:
// it can be opened again.
Result<FoundFile> GraphBuilder::find_file(const char* name, Module& needed_by, Want want) {
  auto find = [&] {
    return want == Want::kLoadedIfTrusted ? search_.find_trusted(name, needed_by)
                                          : search_.find(name, needed_by);
  };
  Result<FoundFile> found = find();
  bool is_short = !found && graph_.libc_file && graph_.libc_file->is_open() &&
                  found.error().error_number == EMFILE;
  if (!is_short) return found;
  graph_.libc_file->close();
  search_.release_cache();
  return find();
}

Result<FoundFile> GraphBuilder::find_needed(const char* name, Module& needed_by, Want want) {
  Result<FoundFile> found = find_file(name, needed_by, want);
  bool is_glibc = search_.settings().rules == LibcRules::kGlibc;
  bool is_rtld = is_glibc && loaded_ == nullptr && kind_for(name) == ModuleKind::kLibcRtld;
  if (found || !is_rtld) return found;
  Result<FoundFile> beside = find_beside_interpreter(needed_by, want);
  if (beside) return beside;
  return found;
}

// The path is not in the frame of find_needed(), for dlopen comes there on the smallest stacks.
[[gnu::noinline]] Result<FoundFile> GraphBuilder::find_beside_interpreter(Module& needed_by,
                                                                          Want want) {
  TextBuffer<PATH_MAX> path;
  const char* rtld = path_beside_interpreter(path, interpreter_path(*graph_.program));
  return find_file(rtld == nullptr ? Native::kGlibcRtld : rtld, needed_by, want);
}

// Looks for musl's libc in the library path, then at the program's PT_INTERP, then at musl's
// default path.
Result<Module*> GraphBuilder::load_musl_libc(const char* name, Module& needed_by, Want want) {
  if (graph_.libc != nullptr) {
    graph_.names.add(arena_, name, graph_.libc);
    return graph_.libc;
  }
  TextBuffer<64> loader_name;
  loader_name << Native::kMuslRtld << ".so.1";
  TextBuffer<64> default_path;
  default_path << "/lib/" << loader_name.text();
  const char* interpreter = interpreter_path(*graph_.program);
  bool named = interpreter != nullptr && is_musl_rtld(interpreter);
  if (search_.settings().library_path != nullptr) {
    for (const char* candidate : {loader_name.c_str(), "libc.so"}) {
      Result<FoundFile> found = search_.find_in_library_path(candidate);
      if (found) return add_file(name, *found, needed_by, want);
    }
  }
  Result<FoundFile> found = search_.find(named ? interpreter : default_path.c_str(), needed_by);
  if (!found) return found.error();
  return add_file(name, *found, needed_by, want);
}

Result<Module*> GraphBuilder::add_file(const char* name, FoundFile& found, Module& needed_by,
                                       Want want) {
  if (Module* same = find_same_file(found.object.identity())) {
    graph_.names.add(arena_, name, same);
    return same;
  }
  if (want == Want::kOnlyIfLoaded) return nullptr;
  auto* module = arena_.make<Module>();
  module->path = module->file_path = found.path;
  // dlclose may unload the object that needs this one, and its strings, first.
  module->needed_as = loaded_ == nullptr ? name : arena_.copy(name);
  module->needed_by = &needed_by;
  bool musl = search_.settings().rules == LibcRules::kMusl;
  module->kind = !musl                  ? kind_for(name)
                 : is_inside_musl(name) ? ModuleKind::kLibc
                                        : ModuleKind::kLibrary;
  if (Status s = map_or_defer(*module, found); !s) return s.error();
  if (module->kind == ModuleKind::kLibcRtld && is_ld_seal(*module))
    return add_displaced_rtld(name, *module, needed_by, want);
  if (module->kind == ModuleKind::kLibc) graph_.libc = module;
  if (module->kind == ModuleKind::kLibcRtld) graph_.libc_rtld = module;
  append(*module);
  graph_.names.add(arena_, name, module);
  graph_.names.add(arena_, module->path, module);
  if (module->soname != nullptr && !musl) graph_.names.add(arena_, module->soname, module);
  return module;
}

// ld-seal is installed in the place of libc's rtld, which has another name then.
Result<Module*> GraphBuilder::add_displaced_rtld(const char* name, const Module& ld_seal,
                                                 Module& needed_by, Want want) {
  Mapping::owning(ld_seal.span);  // ends here
  TextBuffer<PATH_MAX> path;
  Result<FoundFile> found = find_file(displaced_path(path, ld_seal.path), needed_by, want);
  if (!found) return found.error();
  return add_file(name, *found, needed_by, want);
}

namespace {

Error not_loadable(const Module& module, const char* reason) {
  Error e = fault(Fault::kNotForOpening);
  e.object = module.path;
  e.field = reason;
  return e;
}

}  // namespace

// musl takes whatever start-up names.
bool GraphBuilder::refuses_programs() const {
  return loaded_ != nullptr || search_.settings().rules == LibcRules::kGlibc;
}

// Checks what the header says, before the file is mapped. The reasons are glibc's words.
Status GraphBuilder::check_kind(const Module& module, const ElfFile& object) const {
  if (loaded_ != nullptr && module.kind != ModuleKind::kLibrary)
    return not_loadable(module, "cannot be opened: a libc cannot come later than start-up");
  bool is_fixed = object.header().e_type == ET_EXEC;
  if (is_fixed && refuses_programs())
    return not_loadable(module, "cannot dynamically load executable");
  bool glibc = search_.settings().rules == LibcRules::kGlibc;
  if (loaded_ != nullptr && glibc && asks_for_executable_stack(object.segments()))
    return needs_executable_stack(module.path, object.segments());
  return {};
}

// The same for what DT_FLAGS_1 says. musl does not read it.
Status GraphBuilder::check_flags(const Module& module) const {
  bool glibc = search_.settings().rules == LibcRules::kGlibc;
  bool is_program = (module.dynamic.flags_1 & DF_1_PIE) != 0;
  if (is_program && glibc)
    return not_loadable(module, "cannot dynamically load position-independent executable");
  bool is_unwilling = (module.dynamic.flags_1 & DF_1_NOOPEN) != 0;
  if (loaded_ != nullptr && glibc && is_unwilling)
    return not_loadable(module, "shared object cannot be dlopen()ed");
  return {};
}

Status GraphBuilder::map_or_defer(Module& module, FoundFile& found) {
  PageSize page = search_.settings().page;
  if (Status s = check_kind(module, found.object); !s) return s;
  bool glibc = module.kind == ModuleKind::kLibc && search_.settings().rules == LibcRules::kGlibc;
  if (glibc && libc_handling_ == LibcHandling::kFoundOnly) {
    if (!found.object.has_dynamic_entry(DT_NEEDED)) {
      Error e = fault(Fault::kLibcUnusable);
      e.object = module.path;
      e.field = "DT_NEEDED of its loader";
      return e;
    }
    module.identity = found.object.identity();
    graph_.libc_file.emplace(std::move(found.object));
    return {};
  }
  if (Status s = map_object(module, found.object, page, arena_); !s) return s;
  if (Status s = check_flags(module); !s) {
    Mapping::owning(module.span);  // ends here
    return s;
  }
  trace::log(Topic::kFiles,
             {Event::kFileMapped,
              {module.path},
              {module.dynamic_section().value, module.span.start.value, module.span.length().value,
               module.entry.value, module.segments.headers.size()}});
  return {};
}

}  // namespace ldseal
