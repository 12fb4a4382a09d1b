// Secure-execution mode (ld.so(8)): the kernel has given the program more privilege than its caller
// has (AT_SECURE, getauxval(3)), so nothing that the caller chose is trusted. ld-seal and static
// programs (crt/) call this before they open any file.
#pragma once

#include "ldso/base/result.h"

namespace ldseal {

// Must a privileged program neither see nor pass on this entry of the environment? True for every
// LD_…=, every LDSEAL…=, and the variables that glibc 2.43 removes (its list of unsecure
// variables). False for text without '=': no libc finds it as a variable.
bool is_unsecure_variable(const char* entry);

// Opens those of the standard descriptors 0, 1 and 2 that are closed, as glibc does
// (csu/check_fds.c). Then no file that the program opens later gets such a number. Standard input
// becomes /dev/full, which cannot be read; standard output and error become /dev/null, which cannot
// be written. Error: kNoStandardDescriptor if that device cannot be opened.
Status open_standard_descriptors();

}  // namespace ldseal
