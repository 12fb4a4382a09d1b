// What `--list`, `--verify`, `--help` and `--version` print. Nothing of the program runs.
#pragma once

#include "ldso/base/error.h"
#include "ldso/process/process.h"

namespace ldseal {

// Remembers a library that was not found, for `print_libraries`.
void note_missing_library(const Error& error);

// One line for each object, as ldd(1) prints them.
void print_libraries(const Process& process);

void print_help();
void print_version();

}  // namespace ldseal
