// See namespaces.h. dl_lock is held while rtld opens and closes, because constructors and
// destructors run under rtld's lock and may open objects of ours: dl_lock is the first of the two.
#include "ldso/dl/namespaces.h"

#include "ldso/abi/dlfcn.h"
#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/dl/fork.h"
#include "ldso/dl/libc_handles.h"
#include "ldso/dl/list_change.h"
#include "ldso/dl/namespace_objects.h"
#include "ldso/dl/open.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/rendezvous.h"
#include "ldso/mem/records.h"
#include "ldso/process/process.h"
#include "ldso/seal/planned_module.h"

namespace ldseal {
namespace {

constexpr char kOpen[] = "dlmopen";

// Under `require` nothing may be in the process that the policy wants sealed and that is not.
Status may_open(const char* name) {
  bool is_refused = process.policy.is_required && needs_plan(process.policy);
  if (libc_function(kOpen).value != 0 && !is_refused) return {};
  Error e = fault(is_refused ? Fault::kNamespaceUnsealed : Fault::kNewNamespace);
  e.name = name == nullptr ? "the program" : name;
  return e;
}

// rtld does not know the caller, so the search by the caller's run paths is ours. What is nowhere
// has its name only, and rtld says so.
const char* path_of(const char* name, Module& caller, Arena& scratch) {
  LibrarySearch search(settings_for_later(), *process.graph.program, scratch);
  Result<FoundFile> found = search.find(scratch.copy(name), caller);
  search.release_cache();
  return found ? found->path : name;
}

struct Place {
  long name_space;
  int mode;
};

// What an error says behind the name of the object; null: it does not begin with that name.
const char* reason(const char* error, const char* name) {
  bool begins = error != nullptr && starts_with(error, name);
  return begins ? error + text_length(name) : nullptr;
}

// rtld has refused the path that we have found. If it refuses the place, whatever is to be opened,
// it has to name the object as the program does.
void name_as_asked(const char* path, const char* name, Place place, Arena& scratch) {
  constexpr char kNowhere[] = "/dev/null/nothing";
  const char* error = dl_error_text();
  if (path == name || error == nullptr) return;
  error = scratch.copy(error);
  const char* why = reason(error, path);
  ask_libc<void*>(kOpen, place.name_space, kNowhere, place.mode);
  const char* why_always = reason(dl_error_text(), kNowhere);
  bool is_place_refused = why != nullptr && why_always != nullptr && equal(why, why_always);
  if (!is_place_refused) return set_dl_error_text(error);
  TextBuffer<512> text;
  text << name << why;
  set_dl_error_text(text.c_str());
}

void* open_by_libc(Module& caller, long name_space, const char* name, int mode) {
  bool is_path = name == nullptr || (contains(name, '/') && !contains(name, '$'));
  if (is_path) return ask_libc<void*>(kOpen, name_space, name, mode);
  if (name_space != kNewNamespace) {  // where it may be loaded, and known by another path
    void* loaded = ask_libc<void*>(kOpen, name_space, name, mode | OpenMode::kNoLoad);
    if (loaded != nullptr || (mode & OpenMode::kNoLoad) != 0) return loaded;
    note_dl_success();
  }
  TemporaryArena scratch;
  const char* path = path_of(name, caller, scratch);
  void* opened = ask_libc<void*>(kOpen, name_space, path, mode);
  if (opened == nullptr) name_as_asked(path, name, {name_space, mode}, scratch);
  return opened;
}

void trace_unsealed(std::span<const NamespaceObject> opened) {
  if (!trace::on(Topic::kSeal) || !needs_plan(process.policy)) return;
  TemporaryArena scratch;
  Plan plan(process.policy, process.page, scratch);
  for (const NamespaceObject& object : opened) plan.add_elsewhere(planned(*object.module));
  plan.sort();
  trace_ranges(plan);
}

}  // namespace

void note_opened_in_namespace(const LinkMap& opened) {
  RecordChange writable;
  dlopened.has_namespaces = true;
  trace_unsealed(note_namespace_objects(opened));
  ListChange change(ChangeOfLists::kAny);
  show_namespaces();
}

void* open_in_namespace(const void* caller_address, long name_space, const char* name, int mode) {
  follow_forks();
  LockGuard guard(dl_lock);
  note_dl_success();
  if (Status s = may_open(name); !s) {
    set_dl_error(s.error());
    return nullptr;
  }
  Module* caller = object_at(Address(caller_address));
  if (caller == nullptr) caller = process.graph.program;
  void* opened = open_by_libc(*caller, name_space, name, mode);
  bool is_noted = process.runtime.rtld.open != nullptr;  // by dl/libc_opens.cc
  if (opened != nullptr && !is_noted)
    note_opened_in_namespace(*static_cast<const LinkMap*>(opened));
  return opened;
}

int close_in_namespace(void* handle, int failed) {
  LockGuard guard(dl_lock);
  int answer = ask_libc_about(handle, failed, "dlclose");
  if (answer == failed || !dlopened.has_namespaces) return answer;
  RecordChange writable;
  forget_closed_namespace_objects();
  ListChange change(ChangeOfLists::kAny);
  show_namespaces();
  return answer;
}

}  // namespace ldseal
