// The vDSO as an object among others: glibc has it in its list, directly behind the program, and it can
// be asked for with dlopen("linux-vdso.so.1", RTLD_NOLOAD). It is not part of the graph: the kernel has
// mapped it, nothing of it is relocated, and the seals find it by themselves (seal/system_mappings.h).
#pragma once

#include "ldso/abi/link.h"
#include "ldso/image/module.h"

namespace ldseal {

// Its link_map, for the list; null: there is no vDSO, or none that can be read. Called once.
LinkMap* make_vdso_link_map(Address base, PageSize page, Arena& permanent);

// The vDSO as what can be opened and asked; null: the name or handle is not the vDSO's. The loader's
// lock is held.
Module* vdso_by_name(const char* name);
Module* vdso_by_handle(const void* handle);

}  // namespace ldseal
