// What the environment variable GLIBC_TUNABLES asks of ld-seal.
#pragma once

#include "ldso/base/number.h"

namespace ldseal {

// How many bytes more the surplus has to have by glibc's tunable glibc.rtld.optional_static_tls, in
// the value of GLIBC_TUNABLES; null: nothing is asked for.
ByteCount more_surplus_by(const char* tunables);

// Does glibc.rtld.dynamic_sort ask for the order of objects before glibc 2.35 (dl/older_sort.h)?
bool asks_for_older_sort(const char* tunables);

}  // namespace ldseal
