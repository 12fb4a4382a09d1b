// dlopen(3), dlmopen(3) and dlclose(3): finds the caller's object, checks the mode, and takes
// dl_lock.
#include <asm/errno.h>
#include <optional>

#include "ldso/abi/exports.h"
#include "ldso/dl/dlerror.h"
#include "ldso/dl/fork.h"
#include "ldso/dl/libc_handles.h"
#include "ldso/dl/namespaces.h"
#include "ldso/dl/open.h"
#include "ldso/dl/opened.h"
#include "ldso/process/process.h"

using namespace ldseal;

namespace ldseal {
namespace {

// Of dlclose.
constexpr int kNotClosed = -1;
constexpr int kNotClosedByMusl = 1;

Status check_mode(const char* name, OpenMode mode) {
  bool musl = process.runtime.family == LibcFamily::kMusl;  // which accepts any mode
  if (musl || mode.has(OpenMode::kLazy) || mode.has(OpenMode::kNow)) return {};
  Error e = fault(Fault::kBadOpenMode);
  e.name = name;
  e.found = static_cast<unsigned>(mode.bits);
  return e;
}

// Under RTLD_NOLOAD: an error in musl, none in glibc.
void report_not_loaded(const char* name) {
  if (process.runtime.family != LibcFamily::kMusl) return;
  Error e = fault(Fault::kNotLoaded);
  e.name = name;
  set_dl_error(e);
}

// For musl an empty name is that of no file, for glibc the program's.
void* refuse_empty_name(const char* name) {
  Error e = fault(Fault::kCannotOpen);
  e.name = e.object = name;
  e.error_number = EINVAL;
  set_dl_error(e);
  return nullptr;
}

void* open_for(const void* caller_address, const char* name, OpenMode mode) {
  bool musl = process.runtime.family == LibcFamily::kMusl;
  bool is_program = name == nullptr || (*name == '\0' && !musl);
  if (Status s = check_mode(is_program ? "the program" : name, mode); !s) {
    set_dl_error(s.error());
    return nullptr;
  }
  follow_forks();
  LockGuard guard(dl_lock);
  note_dl_success();  // glibc forgets what was before it begins
  if (is_program) return process.graph.program->link_map;
  if (musl && dl_progress.process_ends) {
    set_dl_error(fault(Fault::kProcessEnds));
    return nullptr;
  }
  if (*name == '\0') return refuse_empty_name(name);
  Module* caller = object_at(Address(caller_address));
  if (caller == nullptr) caller = process.graph.program;
  Module* opened = open_object(*caller, name, mode);
  if (opened != nullptr) {
    note_dl_success();  // of constructors
    return opened->link_map;
  }
  if (mode.has(OpenMode::kNoLoad)) report_not_loaded(name);
  return nullptr;
}

// No value: the handle is not ld-seal's.
std::optional<int> close_ours(void* handle) {
  LockGuard guard(dl_lock);
  Module* m = module_of_handle(handle);
  if (m == nullptr) return std::nullopt;
  if (m->kind == ModuleKind::kProgram || close_object(*m)) {
    note_dl_success();
    return 0;
  }
  Error e = fault(Fault::kNotOpen);
  e.name = m->display_name();
  set_dl_error(e);
  return kNotClosed;
}

}  // namespace
}  // namespace ldseal

void* dlopen(const char* name, int mode) {
  return open_for(__builtin_return_address(0), name, {mode});
}

void* dlmopen(long name_space, const char* name, int mode) {
  const void* caller = __builtin_return_address(0);
  bool is_base = name_space == kBaseNamespace || name_space == kCallersNamespace;
  return is_base ? open_for(caller, name, {mode})
                 : open_in_namespace(caller, name_space, name, mode);
}

int dlclose(void* handle) {
  std::optional<int> ours = close_ours(handle);
  bool musl = process.runtime.family == LibcFamily::kMusl;
  return ours ? *ours : close_in_namespace(handle, musl ? kNotClosedByMusl : kNotClosed);
}
