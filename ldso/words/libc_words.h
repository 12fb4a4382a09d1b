// Errors in the words of the libc in use: what dlerror(3) returns, and why a preload is ignored.
// Programs compare these texts. An error that libc does not know has ld-seal's words
// (sentences.h).
#pragma once

#include "ldso/base/error.h"
#include "ldso/base/text.h"

namespace ldseal {

// As glibc's dlerror: "libx.so: cannot open shared object file: No such file or directory".
void write_as_glibc(TextWriter& out, const Error& error);
// As musl's dlerror: "Error loading shared library libx.so: No such file or directory".
void write_as_musl(TextWriter& out, const Error& error);

// Writes the line with which glibc passes over an object of `list` ("LD_PRELOAD") to standard
// error. `error` names the object as the list does.
void report_preload_ignored(const Error& error, const char* list);

}  // namespace ldseal
