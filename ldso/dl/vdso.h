// The vDSO as an object among others. glibc has it in its list, directly behind the program, by the
// name that it has itself; musl has it behind what is loaded at start, without a name. It can be
// asked for with dlopen("linux-vdso.so.1", RTLD_NOLOAD), under musl as "linux-gate.so.1". It is not
// part of the graph: the kernel has mapped it, nothing of it is relocated, and the seals find it by
// themselves (seal/system_mappings.h).
#pragma once

#include "ldso/image/module.h"
#include "ldso/libc/bring_up.h"

namespace ldseal {

// Describes the image at `base`, once, at start-up; null where there is none, or none that can be
// read.
Module* describe_vdso(Address base, LibcFamily family, PageSize page, Arena& permanent);

// What was described; null: nothing.
const Module* described_vdso();

}  // namespace ldseal
