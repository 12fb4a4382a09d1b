// Opening and closing objects while the process runs (dlopen(3)). The loader's lock is held.
#pragma once

#include "ldso/base/result.h"
#include "ldso/image/module.h"

namespace ldseal {

// The bits of dlopen's mode; glibc's and musl's are the same.
struct OpenMode {
  static constexpr int kLazy = 1, kNow = 2, kNoLoad = 4, kDeepBind = 8, kGlobal = 0x100,
                       kNoDelete = 1 << 12;
  int bits;

  bool has(int bit) const { return (bits & bit) != 0; }
};

// The object that `name` stands for, opened once more; null where kNoLoad is given and it is not
// loaded. An error is told (dlerror) before what it refers to is gone.
Module* open_object(Module& caller, const char* name, OpenMode mode);

// Undoes one opening; what nobody needs any more leaves the process. False: it was not open.
bool close_object(Module& module);

}  // namespace ldseal
