// Opens and closes objects while the process runs (dlopen(3), dlclose(3)). The caller holds
// dl_lock.
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

// Opens the object `name` for `caller` and counts a handle. Null: an error, or kNoLoad is given and
// the object is not loaded. After an error dlerror is set; it is set before the memory is freed
// that the error refers to.
Module* open_object(Module& caller, const char* name, OpenMode mode);

// Undoes one open_object(), and unloads what is not needed any more (unload_set.h). False: the
// object has no handle.
bool close_object(Module& module);

}  // namespace ldseal
