// From an open file to a described module in memory (gABI, "Program Loading"). No relocation, no foreign
// code.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/image/elf_file.h"
#include "ldso/image/module.h"
#include "ldso/mem/mapping.h"

namespace ldseal {

// From now on each segment is mapped from its file by a call of its own, as libc's loaders do, with
// nothing copied: for valgrind, which learns from these calls where an object is.
void map_as_libc_does();

// Maps the segments of `file` for good and describes `module`, whose path is set. After an error
// nothing stays mapped.
Status map_object(Module& module, const ElfFile& file, PageSize page, Arena& arena);

// Describes `module` from a read-only view of its whole file, which is returned and must outlive
// the use of the tables: for an object that somebody else will map.
Result<Mapping> view_object(Module& module, const ElfFile& file, Arena& arena);

// Describes `module` where somebody else has mapped `file` with this bias.
Status describe_mapped(Module& module, const ElfFile& file, LoadBias bias, PageSize page,
                       Arena& arena);

// Describes `module`, already in memory at `bias`, its program headers at `headers`.
Status describe_in_memory(Module& module, ProgramHeaders headers, LoadBias bias, PageSize page,
                          Arena& arena);

}  // namespace ldseal
