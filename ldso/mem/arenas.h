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

// How many ranges of permanent memory close_our_memory will give, if one more piece is begun until then.
size_t most_permanent_ranges();

// What of the loader's memory does not change once start-up is over.
struct FinalMemory {
  List<AddressRange>
      used;             // the pages of the permanent arena, those in our image first; the list is
                        // in the scratch arena
  AddressRange unused;  // behind them to the end of the stack that we started on
};

// The permanent arena is complete, and the loader has left its stack: nothing can be allocated from
// the one or run on the other afterwards.
FinalMemory close_our_memory();

// What of the writable arena is not in our image; the list is in the scratch arena.
List<AddressRange> changing_memory();

}  // namespace ldseal
