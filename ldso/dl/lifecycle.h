// How far each object is: its constructors run once, and so do its destructors, no matter which
// caller is first.
//
// A program that opens nothing pays nothing for that: its objects are constructed one after the
// other, and their number says how far it is. From the first dlopen on every object has its state.
#pragma once

#include <cstdint>
#include <span>

#include "ldso/image/module.h"

namespace ldseal {

enum class Stage : uint8_t { kNew, kUnderConstruction, kConstructed, kDestroyed };

// What changes about an object while foreign code runs. So it lies in memory that may always
// change, and holds no address.
struct Lifecycle {
  uint64_t construction = 0;  // its number in the order in which constructions began; 0: not begun
  size_t pending_thread_destructors = 0;  // changed without a lock
  Stage stage = Stage::kNew;
  bool is_removed = false;  // its destructors have run for a dlclose: it is not found any more
};

// The same for the process.
struct DlProgress {
  uint64_t constructions = 0;    // as many have begun
  bool is_constructing = false;  // the last of them goes on: while nothing was opened
  bool process_ends = false;     // its destructors run
  bool is_collecting = false;
  bool must_collect_again = false;
};
extern DlProgress dl_progress;

// False: somebody was here first.
bool begin_construction(Module& module);
void end_construction(Module& module);
// False: there is nothing to destroy. glibc destroys what it has begun to construct, musl what it
// has constructed.
bool begin_destruction(Module& module);

// While nothing was opened: the libraries that are to be destroyed at the end, and whether the
// program is.
std::span<Module* const> begun_at_start_up();
bool program_has_begun();

}  // namespace ldseal
