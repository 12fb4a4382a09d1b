// /etc/ld.so.preload (ld.so(8)): the administrator's list of objects that every program of glibc's
// gets, privileged ones too.
#pragma once

#include "ldso/base/arena.h"

namespace ldseal {

// The names in the file, in the arena, its comments replaced by spaces; null where there is none
// that can be read.
const char* read_preload_file(Arena& arena);

}  // namespace ldseal
