// Handles that libc's own functions have given out, for objects that libc has loaded by itself:
// questions about those are passed on to libc.
#pragma once

#include "ldso/dl/dlerror.h"
#include "ldso/process/process.h"

namespace ldseal {

bool is_handle_of_libc(const void* handle);
Error bad_handle(const void* handle);
// libc's dlerror, if it has anything to say, becomes ours.
void adopt_libc_error();

template <class Answer, class... Arguments>
Answer ask_libc(const char* function, Arguments... arguments) {
  using Function = Answer (*)(Arguments...);
  auto ask = reinterpret_cast<Function>(libc_function(function).value);
  if (ask == nullptr) return Answer();
  Answer answer = ask(arguments...);
  adopt_libc_error();
  return answer;
}

// The answer of libc's `function` about a handle that is none of ours; `failed`, with an error, if
// it is none of libc's either.
template <class Answer, class... Arguments>
Answer ask_libc_about(void* handle, Answer failed, const char* function, Arguments... arguments) {
  if (is_handle_of_libc(handle)) return ask_libc<Answer>(function, handle, arguments...);
  set_dl_error(bad_handle(handle));
  return failed;
}

}  // namespace ldseal
