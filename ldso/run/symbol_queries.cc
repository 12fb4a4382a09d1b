// dlsym(3) and dlvsym(3) for RTLD_DEFAULT and RTLD_NEXT, asked by an object of ours: the global scope, from its start or
// from behind the asking object. Every other question is libc's: handles come from libc's own dlopen.
#include "arch/native.h"
#include "ldso/run/exports.h"
#include "ldso/run/process.h"

using namespace ldseal;

namespace ldseal {
namespace {

void* const kDefault = nullptr;                              // RTLD_DEFAULT
void* const kNext = reinterpret_cast<void*>(~uintptr_t{0});  // RTLD_NEXT

// Where a definition is for the calling thread: a function that a resolver chooses is chosen now.
void* place_of(const Module& m, const Sym& symbol) {
  if (symbol_type(symbol) == STT_TLS) {
    uintptr_t block = thread_pointer() + static_cast<uintptr_t>(m.tls.offset);
    return reinterpret_cast<void*>(block + symbol.st_value);
  }
  Address at = Vaddr(symbol.st_value) + m.bias;
  if (symbol.st_shndx == SHN_ABS) at = Address(symbol.st_value);
  if (symbol_type(symbol) != STT_GNU_IFUNC) return at.as<void>();
  const ProcessStack& stack = process.stack;
  return Address(call_ifunc_resolver(at.value, stack.value(AT_HWCAP), stack.value(AT_HWCAP2)))
      .as<void>();
}

// False where the question is not ours to answer, or nothing of ours defines the name.
bool find_for(void* handle, const Wanted& wanted, const void* caller, void*& found) {
  const Module* asking = module_at(process, Address(caller));
  if (asking == nullptr || (handle != kDefault && handle != kNext)) return false;
  const List<Module*>& order = process.scope_order;
  for (size_t i = handle == kNext ? asking->scope_position + 1 : 0; i < order.size(); ++i) {
    const Sym* symbol = find_symbol(order[i]->symbols(), wanted, ReferenceKind::kAddress);
    if (symbol == nullptr) continue;
    found = place_of(*order[i], *symbol);
    return true;
  }
  return false;
}

// What libc answers, or how it words its error, where we have no answer: as if asked for the global scope.
void* handle_for_libc(void* handle) { return handle == kNext ? kDefault : handle; }

}  // namespace
}  // namespace ldseal

void* dlsym(void* handle, const char* name) {
  void* found = nullptr;
  Wanted wanted{name, gnu_hash(name), nullptr, nullptr, true};
  if (find_for(handle, wanted, __builtin_return_address(0), found)) return found;
  using Query = void* (*)(void*, const char*);
  auto query = reinterpret_cast<Query>(libc_function(process, "dlsym").value);
  return query == nullptr ? nullptr : query(handle_for_libc(handle), name);
}

void* dlvsym(void* handle, const char* name, const char* version) {
  void* found = nullptr;
  Version wanted_version{version, nullptr, sysv_hash(version), false, true};
  Wanted wanted{name, gnu_hash(name), &wanted_version, nullptr, false};
  if (find_for(handle, wanted, __builtin_return_address(0), found)) return found;
  using Query = void* (*)(void*, const char*, const char*);
  auto query = reinterpret_cast<Query>(libc_function(process, "dlvsym").value);
  return query == nullptr ? nullptr : query(handle_for_libc(handle), name, version);
}
