// Reports errors to the user, with the sentences of words/sentence_rows.h.
#pragma once

#include <utility>

#include "ldso/base/result.h"
#include "ldso/words/sentences.h"

namespace ldseal {

// Writes "ld-seal: …" to standard error.
void report(const Error& error);
// The same for an error that does not stop the program from starting, and that glibc's rtld
// reports, too (held_output.h).
void report_ignored(const Error& error);
// What glibc's loader says, too, in its words: the program's name stands before it.
void report_warning(const char* program, const Error& error);
// Reports and ends the process with status 127.
[[noreturn]] void fail(const Error& error);

// What cannot be gone on without: fails if it is not there.
inline void must(const Status& status) {
  if (!status) fail(status.error());
}
template <class T>
T must(Result<T> result) {
  if (!result) fail(result.error());
  return std::move(*result);
}

}  // namespace ldseal
