// Tells the user of errors, in the words of words/sentences.cc.
#pragma once

#include "ldso/words/sentences.h"

namespace ldseal {

// Writes "ld-seal: …" to standard error.
void report(const Error& error);
// The same for what does not keep the program from starting.
void report_ignored(const Error& error);
// Reports and ends the process with status 127.
[[noreturn]] void fail(const Error& error);

}  // namespace ldseal
