// What `--list`, `--verify`, `--help` and `--version` print. Nothing of the program runs.
#pragma once

#include "ldso/base/error.h"
#include "ldso/process/process.h"

namespace ldseal {

// Remembers a library that was not found, for `print_libraries`.
void record_missing_library(const Error& error);

// One line for each object, as ldd(1) prints them.
void print_libraries(const Process& process);

// What `--verify` exits with (ld.so(8)): 0 for a program that can be loaded, 1 if it cannot, which null
// means, or is not dynamic, 2 if it names no loader.
int verify_status(const Module* program);

void print_help();
void print_version();

}  // namespace ldseal
