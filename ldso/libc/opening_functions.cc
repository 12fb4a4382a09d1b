// The three are found by their effect. For a moment a recorder (arch/<m>/recorders.S) stands in the
// place of every function to which a code pointer of _rtld_global_ro leads, notes its first
// argument and goes on to the function. libc's dlopen, dlsym and dlclose are called once each: the
// function that has received the name of the file, the name of the symbol, and the handle, is the
// one.
//
// What is opened is the program, for libc the stand-in, which has no name: it is open already, and
// no memory is allocated for that.
#include "ldso/libc/opening_functions.h"

#include "ldso/base/lifetime.h"
#include "ldso/base/trace.h"
#include "ldso/libc/rtld_pointers.h"

namespace {
constexpr size_t kRecorders = 64;  // as in recorders.S
}

extern "C" const char first_recorder[], second_recorder[];
struct Recorded {  // as in recorders.S
  uint64_t arguments[kRecorders];
  uint64_t functions[kRecorders];
};
// Null when nothing is recorded.
extern "C" {
LDSEAL_FINAL [[gnu::visibility("hidden")]] constinit Recorded* recorded = nullptr;
}

namespace ldseal {
namespace {

constexpr char kName[] = "";           // the program's, for dlopen(3)
constexpr char kSymbol[] = "dlclose";  // defined in libc, and chosen by no resolver

struct LibcFunctions {
  void* (*dlopen)(const char*, int);
  void* (*dlsym)(void*, const char*);
  int (*dlclose)(void*);

  bool all() const { return dlopen != nullptr && dlsym != nullptr && dlclose != nullptr; }
};

const Sym* find(const Module& m, const char* name) {
  SymbolQuery wanted{name, gnu_hash(name), nullptr, nullptr, true};
  return find_symbol(m.symbols(), wanted, ReferenceKind::kCall);
}

template <class Function>
void look_up(Function*& to, const Module& libc, const char* name) {
  const Sym* symbol = find(libc, name);
  if (symbol != nullptr) to = (Vaddr(symbol->st_value) + libc.bias).as<Function>();
}

LibcFunctions functions_of(const Module& libc) {
  LibcFunctions functions = {};
  look_up(functions.dlopen, libc, "dlopen");
  look_up(functions.dlsym, libc, "dlsym");
  look_up(functions.dlclose, libc, "dlclose");
  return functions;
}

// Recorders in the place of every target, for as long as it lives.
class Recording {
 public:
  explicit Recording(std::span<uint64_t> targets) : targets_(targets) {
    recorded = &recorded_;
    auto first = reinterpret_cast<uintptr_t>(first_recorder);
    uint64_t size = reinterpret_cast<uintptr_t>(second_recorder) - first;
    for (size_t i = 0; i < targets_.size(); ++i) {
      recorded_.functions[i] = targets_[i];
      targets_[i] = first + i * size;
    }
  }
  ~Recording() {
    for (size_t i = 0; i < targets_.size(); ++i) targets_[i] = recorded_.functions[i];
    recorded = nullptr;
  }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  void forget() { __builtin_memset(recorded_.arguments, 0, sizeof recorded_.arguments); }
  // The target that has received `argument`; null for none, and for several.
  uint64_t* receiver_of(const void* argument) const {
    uint64_t* receiver = nullptr;
    for (size_t i = 0; i < targets_.size(); ++i) {
      if (recorded_.arguments[i] != reinterpret_cast<uintptr_t>(argument)) continue;
      if (receiver != nullptr) return nullptr;
      receiver = &targets_[i];
    }
    return receiver;
  }

 private:
  Recorded recorded_ = {};
  std::span<uint64_t> targets_;
};

// Which targets the three are.
struct Places {
  uint64_t* open = nullptr;
  uint64_t* look_up = nullptr;
  uint64_t* close = nullptr;

  bool all_differ() const {
    bool are_found = open != nullptr && look_up != nullptr && close != nullptr;
    return are_found && open != look_up && look_up != close && close != open;
  }
};

Places find_by_effect(std::span<uint64_t> targets, const LibcFunctions& libc) {
  constexpr int kLazy = 1, kNoLoad = 4;
  Recording recording(targets);
  Places found;
  void* handle = libc.dlopen(kName, kLazy | kNoLoad);
  if (handle == nullptr) return found;
  found.open = recording.receiver_of(kName);
  recording.forget();
  libc.dlsym(handle, kSymbol);
  found.look_up = recording.receiver_of(kSymbol);
  recording.forget();
  libc.dlclose(handle);
  found.close = recording.receiver_of(handle);
  return found;
}

template <class Function>
Function exchange(uint64_t* place, Function ours) {
  auto theirs = reinterpret_cast<Function>(*place);
  *place = reinterpret_cast<uintptr_t>(ours);
  return theirs;
}

OpeningFunctions not_exchanged(const Module& libc, const char* why) {
  trace::log(Topic::kFiles, {Event::kLibcOpensAlone, {libc.display_name(), why}});
  return {};
}

}  // namespace

OpeningFunctions exchange_opening_functions(const Module& libc, const OpeningFunctions& ours) {
  LibcFunctions functions = functions_of(libc);
  std::span<uint64_t> targets = trampoline_targets_in_use();
  if (!functions.all()) return not_exchanged(libc, "it has no dlopen, dlsym and dlclose");
  if (targets.empty()) return not_exchanged(libc, "its loader shows no _rtld_global_ro");
  Places places = find_by_effect(targets, functions);
  if (!places.all_differ()) return not_exchanged(libc, "_rtld_global_ro does not show how");
  OpeningFunctions theirs;
  theirs.open = exchange(places.open, ours.open);
  theirs.look_up = exchange(places.look_up, ours.look_up);
  theirs.close = exchange(places.close, ours.close);
  trace::log(Topic::kFiles, {Event::kLibcOpensByUs, {libc.display_name()}});
  return theirs;
}

}  // namespace ldseal
