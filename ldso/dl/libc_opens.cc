// libc calls these three in the place of its rtld's functions, while it holds its locks, in any
// thread. What is not ours is passed on to rtld: objects of other namespaces (dlmopen(3)), and what
// rtld has opened before it was led to us. rtld's functions leave by longjmp(3) if they fail, so no
// lock of ours is held when they are called.
#include "ldso/dl/libc_opens.h"

#include "ldso/abi/dlfcn.h"
#include "ldso/base/text.h"
#include "ldso/dl/dlerror.h"
#include "ldso/dl/fork.h"
#include "ldso/dl/namespaces.h"
#include "ldso/dl/open.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/symbol_lookup.h"
#include "ldso/dl/unwinder.h"

namespace ldseal {
namespace {

const OpeningFunctions& rtld() { return process.runtime.rtld; }

// libc keeps the unwinder that it has opened, and pointers into it, as long as the process runs.
int bits_for(const char* name, int mode) {
  constexpr int kPublicBits = OpenMode::kLazy | OpenMode::kNow | OpenMode::kNoLoad |
                              OpenMode::kDeepBind | OpenMode::kGlobal | OpenMode::kNoDelete;
  bool is_unwinder = file_name(name) == kUnwinderName;
  return (mode & kPublicBits) | (is_unwinder ? OpenMode::kNoDelete : 0);
}

struct Opening {
  bool is_ours = false;  // the caller is an object of ours
  LinkMap* opened = nullptr;
};

// A caller that is no object of ours is in another namespace, and may ask for the program's.
Opening open_for(const void* caller_address, const char* file, int mode, long name_space) {
  LockGuard guard(dl_lock);
  Module* caller = object_at(Address(caller_address));
  if (caller == nullptr && name_space == kBaseNamespace) caller = process.graph.program;
  if (caller == nullptr || caller->kind == ModuleKind::kSelf) return {};
  if (*file == '\0') return {true, process.graph.program->link_map};
  DlErrorAside aside;  // the program has not asked for this
  Module* opened = open_object(*caller, file, {bits_for(file, mode)});
  return {true, opened == nullptr ? nullptr : opened->link_map};
}

LinkMap* open_for_libc(const char* file, int mode, const void* caller, long name_space,
                       int argument_count, char** arguments, char** environment) {
  follow_forks();
  bool is_base = name_space == kBaseNamespace || name_space == kCallersNamespace;
  Opening opening = is_base ? open_for(caller, file, mode, name_space) : Opening();
  bool may_be_absent = (mode & OpenMode::kNoLoad) != 0;
  if (opening.opened != nullptr || (opening.is_ours && may_be_absent)) return opening.opened;
  // rtld refuses a mode that says neither RTLD_LAZY nor RTLD_NOW before it looks for anything: so
  // libc learns in its own way that there is no such object, and rtld brings none that we have
  // refused.
  if (opening.is_ours) mode = 0;
  LinkMap* opened =
      rtld().open(file, mode, caller, name_space, argument_count, arguments, environment);
  if (opened != nullptr && !opening.is_ours) note_opened_in_namespace(*opened);
  return opened;
}

LinkMap* look_up_for_libc(const char* name, LinkMap* asked, const Sym** symbol, void* scope,
                          const void* version, int type_class, int flags, LinkMap* skipped) {
  if (is_handle_of_ours(asked)) {  // others are asked about under rtld's lock, which comes second
    LockGuard guard(dl_lock);
    if (Module* m = module_of_handle(asked)) {
      SymbolQuery wanted{name, gnu_hash(name), nullptr, nullptr, true};
      Definition found = find_in_search_list(*m, wanted);
      *symbol = found.symbol;
      return found.module == nullptr ? nullptr : found.module->link_map;
    }
  }
  return rtld().look_up(name, asked, symbol, scope, version, type_class, flags, skipped);
}

bool close_ours(const void* map) {
  LockGuard guard(dl_lock);
  Module* m = module_of_handle(map);
  if (m == nullptr) return false;
  if (m->kind != ModuleKind::kProgram) close_object(*m);
  return true;
}

void close_for_libc(void* map) {
  if (!close_ours(map)) rtld().close(map);
}

}  // namespace

void lead_libc_to_us(Process& p) {
  if (p.runtime.family != LibcFamily::kGlibc) return;  // musl opens nothing by itself
  OpeningFunctions ours = {open_for_libc, look_up_for_libc, close_for_libc};
  p.runtime.rtld = exchange_opening_functions(*p.graph.libc, ours);
}

}  // namespace ldseal
