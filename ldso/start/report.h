// The only place with sentences for errors: one row of text for each fault.
#pragma once

#include "ldso/base/error.h"
#include "ldso/base/text.h"

namespace ldseal {

// The line for an error, without "ld-seal: " and without the newline.
void write_error(TextWriter& out, const Error& error);

// The kernel's answer in words: "Permission denied".
void write_error_number(TextWriter& out, int number);

// Writes "ld-seal: …" to standard error.
void report(const Error& error);
// The same for what does not keep the program from starting.
// Hidden, as its address is taken: the loader has no GOT.
[[gnu::visibility("hidden")]] void report_ignored(const Error& error);
// Reports and ends the process with status 127.
[[noreturn]] void fail(const Error& error);

}  // namespace ldseal
