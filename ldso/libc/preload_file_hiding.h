// glibc's rtld reads /etc/ld.so.preload by itself, whatever its environment says. What the file
// names is loaded by us, so rtld must not find it: a second copy would run, which nothing binds to.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/image/module.h"

namespace ldseal {

// Takes the file's name out of `rtld`, which has not run yet. Where that cannot be done without
// making code writable rtld stays as it is, and a line in the trace says so.
void hide_preload_file(const Module& rtld, PageSize page, Arena& scratch);

}  // namespace ldseal
