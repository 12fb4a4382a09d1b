// ld-seal's arenas, one for each lifetime: what the process needs as long as it runs, and what only
// start-up needs. If there is no memory the process ends with one line.
#pragma once

#include "ldso/base/arena.h"

namespace ldseal {

extern Arena permanent_arena;
// What start-up makes and what changes rarely afterwards (records.h).
extern Arena record_arena;
extern Arena scratch_arena;

// Call before the first allocation.
void set_up_arenas(PageSize page);

// Makes the memory present that every start uses: of the permanent arena, of ld-seal's stack and of
// the variables behind it. A fault for each page would cost more (mem/mapping.h).
void populate_first_memory();

// Forbids further allocation from the record and the scratch arena. What they have given stays.
void close_arenas();
// Closes them, if that is still to do, and gives the scratch arena's memory back. Nothing in it may
// be used afterwards, and nothing can be found in it.
void release_scratch_arena();
// The same for the stack on which ld-seal has begun, and which it has left. Call it afterwards: the
// scratch arena's first memory goes with it.
void release_loader_stack();

// Returns the most ranges that close_our_memory() can return, if at most one more chunk is begun
// before it.
size_t most_permanent_ranges();

// Closes the permanent arena. Call once it is complete and ld-seal has left its own stack: neither
// can be used afterwards. Returns the pages of the final variables (base/lifetime.h) and those that
// the arena has used, those in ld-seal's image first, in a list in the scratch arena. Every page is
// present, also in a child of fork(2).
List<AddressRange> close_our_memory();

// ld-seal's own stack as far as it has its pages alone. Once ld-seal has left it, nothing uses it
// until it is released.
AddressRange own_stack();

}  // namespace ldseal
