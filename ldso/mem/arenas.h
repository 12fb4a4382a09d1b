// The arenas of the loader, apart by lifetime: what the process needs as long as it runs, and
// what only start-up needs. Running out of memory here ends the process with one line.
#pragma once

#include "ldso/base/arena.h"

namespace ldseal {

[[gnu::visibility("hidden")]] extern Arena permanent_arena;
// What start-up makes and the process may still change.
[[gnu::visibility("hidden")]] extern Arena writable_arena;
[[gnu::visibility("hidden")]] extern Arena scratch_arena;

// Before anything is allocated.
void set_up_arenas(PageSize page);

// Gives the scratch arena's memory back; nothing in it may be used afterwards.
void release_scratch_arena();

// How many ranges close_permanent_arena will give, if one more piece is begun until then.
size_t most_permanent_ranges();

// The permanent arena is complete: gives the pages it has used, so that they can be made read-only,
// in a list made in the scratch arena. Nothing may be allocated from it afterwards.
List<AddressRange> close_permanent_arena();

// The whole pages of the stack that the loader starts on.
AddressRange loader_stack_pages();

}  // namespace ldseal
