// Secure-execution mode (ld.so(8)): the kernel has given the program more privilege than its caller
// has (AT_SECURE, getauxval(3)), so that nothing which the caller chose is trusted. Called before
// anything is opened, by the loader and by static programs that seal themselves (crt/).
#pragma once

#include "ldso/base/result.h"

namespace ldseal {

// Is `entry` of the environment one that a privileged program must not see, nor pass on? These are
// every LD_…=, every LDSEAL…=, and the variables that the newest glibc takes away (its list of
// unsecure variables). What has no '=' is no variable: no libc finds it.
bool is_unsecure_variable(const char* entry);

// Opens what is closed of the standard descriptors 0, 1 and 2, as glibc does (csu/check_fds.c), so
// that no file which the program opens later gets such a number: standard input becomes
// /dev/full, which cannot be read, standard output and error /dev/null, which cannot be written.
// Error: kNoStandardDescriptor, where that device is not to be had.
Status open_standard_descriptors();

}  // namespace ldseal
