// The arenas of the loader, apart by lifetime: what the process needs as long as it runs, and
// what only start-up needs. Running out of memory here ends the process with one line.
#pragma once

#include "ldso/base/arena.h"

namespace ldseal {

extern Arena permanent_arena;
// What start-up makes and the process may still change.
extern Arena writable_arena;
extern Arena scratch_arena;

// Before anything is allocated.
void set_up_arenas(PageSize page);

// Gives the scratch arena's memory back; nothing in it may be used afterwards.
void release_scratch_arena();

// How many ranges close_our_memory will give, if one more piece is begun until then.
size_t most_permanent_ranges();

// The permanent arena is complete, and the loader has left its stack: nothing can be allocated from
// the one or run on the other afterwards. Gives the whole pages of the arena as far as it is used,
// in a list made in the scratch arena, those in our image first. Every one of them exists, in a fork,
// too.
List<AddressRange> close_our_memory();

// What of the writable arena is not in our image; the list is in the scratch arena.
List<AddressRange> changing_memory();

}  // namespace ldseal
