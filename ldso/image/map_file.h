// Maps an open file and describes it as a module (gABI "Program Loading"). Relocates nothing and
// runs no code of the object.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/image/elf_file.h"
#include "ldso/image/module.h"
#include "ldso/mem/mapping.h"

namespace ldseal {

// From now on each segment is mapped from its file by its own call, as libc's loaders do, and
// nothing is copied. valgrind learns from these calls where an object is.
void map_as_libc_does();

// From now on code of which the object says that indirect branches land on landing pads only is
// mapped so that the processor checks it, if it can: AT_HWCAP2 says so. 0: it is not.
void check_branch_targets(uint64_t hwcap2);
// The PROT_… that the code of an object with these features has beside its p_flags.
int code_protection(uint32_t features);
// Gives the code of an object that is mapped already the protection that it would be mapped with
// now. A refusal is a line in the trace.
void protect_code_again(const Module& module, PageSize page);

// Maps the segments of `file` for good and describes `module`, whose path must be set. After an
// error nothing stays mapped.
Status map_object(Module& module, const ElfFile& file, PageSize page, Arena& arena);

// Describes `module` from a read-only mapping of its whole file, for an object that ld-seal does
// not map itself. The tables point into the mapping that is returned.
Result<Mapping> view_object(Module& module, const ElfFile& file, Arena& arena);

// Describes `module`, whose `file` is already mapped with this bias.
Status describe_mapped(Module& module, const ElfFile& file, LoadBias bias, PageSize page,
                       Arena& arena);

// Describes `module`, which is in memory at `bias` with its program headers at `headers`.
Status describe_in_memory(Module& module, ProgramHeaders headers, LoadBias bias, PageSize page,
                          Arena& arena);

}  // namespace ldseal
