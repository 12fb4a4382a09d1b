// What `--list` and `--verify` print. Nothing of the program runs.
#pragma once

#include "ldso/base/error.h"
#include "ldso/process/process.h"

namespace ldseal {

// Records a library that was not found, for `print_libraries`.
void record_missing_library(const Error& error);

// One line for each object, as ldd(1) prints them.
void print_libraries(const Process& process);

// What LD_VERBOSE adds to it.
void print_needed_versions(const Process& process);

// Lists what the program needs and does not use (`ldd -u`). False: there is nothing.
bool print_unused_libraries(const Process& process);

// The exit status of `--verify` (ld.so(8)): 0 if the program can be loaded; 1 if it cannot (null),
// or is not dynamically linked; 2 if it has no PT_INTERP.
int verify_status(const Module* program);

}  // namespace ldseal
