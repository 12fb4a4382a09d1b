// Which release of glibc the process runs on, where releases differ in what programs see.
#pragma once

namespace ldseal {

// Is the libc glibc 2.`minor` or newer? Calls libc's gnu_get_libc_version(3), so libc must be up.
bool is_glibc_since(unsigned minor);

}  // namespace ldseal
