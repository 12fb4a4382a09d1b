// Reports errors to the user, with the sentences of words/sentence_rows.h.
#pragma once

#include "ldso/words/sentences.h"

namespace ldseal {

// Writes "ld-seal: …" to standard error.
void report(const Error& error);
// The same for an error that does not stop the program from starting.
void report_ignored(const Error& error);
// Reports and ends the process with status 127.
[[noreturn]] void fail(const Error& error);

}  // namespace ldseal
