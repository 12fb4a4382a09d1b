// The three are found by their effect. For a moment a recorder (arch/<m>/recorders.S) stands in the
// place of every code pointer of _rtld_global_ro, notes its first argument and goes on to the
// function. libc's dlopen, dlsym and dlclose are called once each: the function that has received
// the name of the file, the name of the symbol, and the handle, is the one.
//
// What is opened is the program, for libc the stand-in, which has no name: it is open already, and
// no memory is allocated for that.
#include "ldso/libc/opening_functions.h"

#include <linux/mman.h>
#include <optional>

#include "ldso/base/trace.h"
#include "ldso/image/relro.h"
#include "ldso/mem/mapping.h"

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
[[gnu::visibility("hidden")]] constinit Recorded* recorded = nullptr;
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

std::span<uint64_t> words_of_rtld(const Module& rtld) {
  const Sym* symbol = find(rtld, "_rtld_global_ro");
  if (symbol == nullptr || symbol->st_value % sizeof(uint64_t) != 0) return {};
  Address start = Vaddr(symbol->st_value) + rtld.bias;
  AddressRange range{start, start + ByteCount(symbol->st_size)};
  if (!rtld.span.contains(range.start) || range.end > rtld.span.end) return {};
  return {start.as<uint64_t>(), symbol->st_size / sizeof(uint64_t)};
}

// Recorders in the place of every code pointer, for as long as it lives.
class Recording {
 public:
  Recording(std::span<uint64_t> words, const Module& rtld) {
    recorded = &recorded_;
    for (uint64_t& word : words) {
      bool is_code = rtld.span.contains(Address(word)) &&
                     find_load(rtld.segments.headers, Address(word) - rtld.bias, ByteCount(1),
                               PF_X) != nullptr;
      if (!is_code || count_ == kRecorders) continue;
      recorded_.functions[count_] = word;
      places_[count_++] = &word;
    }
    auto first = reinterpret_cast<uintptr_t>(first_recorder);
    uint64_t size = reinterpret_cast<uintptr_t>(second_recorder) - first;
    for (size_t i = 0; i < count_; ++i) *places_[i] = first + i * size;
  }
  ~Recording() {
    for (size_t i = 0; i < count_; ++i) *places_[i] = recorded_.functions[i];
    recorded = nullptr;
  }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  void forget() { __builtin_memset(recorded_.arguments, 0, sizeof recorded_.arguments); }
  // The word of the one function that has received `argument`; null for none, and for several.
  uint64_t* receiver_of(const void* argument) const {
    uint64_t* receiver = nullptr;
    for (size_t i = 0; i < count_; ++i) {
      if (recorded_.arguments[i] != reinterpret_cast<uintptr_t>(argument)) continue;
      if (receiver != nullptr) return nullptr;
      receiver = places_[i];
    }
    return receiver;
  }

 private:
  Recorded recorded_ = {};
  uint64_t* places_[kRecorders];
  size_t count_ = 0;
};

// Where in _rtld_global_ro the three are.
struct Places {
  uint64_t* open = nullptr;
  uint64_t* look_up = nullptr;
  uint64_t* close = nullptr;

  bool all_differ() const {
    bool are_found = open != nullptr && look_up != nullptr && close != nullptr;
    return are_found && open != look_up && look_up != close && close != open;
  }
};

Places find_by_effect(std::span<uint64_t> words, const Module& rtld, const LibcFunctions& libc) {
  constexpr int kLazy = 1, kNoLoad = 4;
  Recording recording(words, rtld);
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

Result<OpeningFunctions> not_exchanged(const Module& libc, const char* why) {
  trace::log(Topic::kFiles, {Event::kLibcOpensAlone, {libc.display_name(), why}});
  return OpeningFunctions();
}

}  // namespace

Result<OpeningFunctions> exchange_opening_functions(const Module& libc, const Module& rtld,
                                                    const OpeningFunctions& ours, PageSize page) {
  LibcFunctions functions = functions_of(libc);
  std::span<uint64_t> words = words_of_rtld(rtld);
  if (!functions.all()) return not_exchanged(libc, "it has no dlopen, dlsym and dlclose");
  if (words.empty()) return not_exchanged(libc, "its loader has no _rtld_global_ro");
  AddressRange pages{page.down(Address(words.data())),
                     page.up(Address(words.data() + words.size()))};
  if (!change_protection(pages, PROT_READ | PROT_WRITE))
    return not_exchanged(libc, "_rtld_global_ro cannot be written");
  Places places = find_by_effect(words, rtld, functions);
  OpeningFunctions theirs;
  if (places.all_differ()) {
    theirs.open = exchange(places.open, ours.open);
    theirs.look_up = exchange(places.look_up, ours.look_up);
    theirs.close = exchange(places.close, ours.close);
  }
  AddressRange relro = relro_pages(rtld.segments, rtld.bias, page);
  pages.end = pages.end < relro.end ? pages.end : relro.end;
  if (Status s = change_protection(pages, PROT_READ); !s) return s.error();
  if (theirs.open == nullptr) return not_exchanged(libc, "_rtld_global_ro does not show how");
  trace::log(Topic::kFiles, {Event::kLibcOpensByUs, {libc.display_name()}});
  return theirs;
}

}  // namespace ldseal
