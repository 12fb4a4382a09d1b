// dlerror(3): what went wrong last in this thread, in the words of words/sentences.cc.
#pragma once

#include "ldso/base/error.h"

namespace ldseal {

// Replaces what this thread has not asked for yet.
void set_dl_error(const Error& error);
// The same in somebody else's words.
void set_dl_error_text(const char* text);
// What the last call left behind is no more.
void clear_dl_error();
// The text, once; it stays until the thread's next error or question. Null: nothing went wrong
// since.
const char* take_dl_error();

}  // namespace ldseal
