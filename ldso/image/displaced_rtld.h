// Where libc's rtld lies, if no search finds it.
//
// ld-seal may be installed in the place of libc's rtld, so that every program names it. Where that
// place is a file and not a symbolic link, libc's rtld lies beside it: its name has ".distrib" at
// the end, as dpkg-divert(1) gives it.
#pragma once

#include <linux/limits.h>

#include "ldso/base/text.h"
#include "ldso/image/module.h"

namespace ldseal {

// Is this object ld-seal? Two builds of it must not lead to each other, so the name that the file
// gives itself (DT_SONAME) counts.
bool is_ld_seal(const Module& module);

// The path at which libc's rtld lies if ld-seal is installed as `path`; `buffer` keeps it. A path
// that is too long is cut, and nothing is found there.
const char* displaced_path(TextBuffer<PATH_MAX>& buffer, const char* path);

// The path of glibc's rtld in the folder of a program's interpreter; `buffer` keeps it. Under glibc
// a need of its rtld is met by the loader that runs, whatever folder it lies in: programs name it,
// or ld-seal, which lies in the same folder. `interpreter` may be null. Null if it has no folder,
// or if the path is too long.
const char* path_beside_interpreter(TextBuffer<PATH_MAX>& buffer, const char* interpreter);

}  // namespace ldseal
