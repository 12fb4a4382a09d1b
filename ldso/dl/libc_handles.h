// Handles of objects that libc has loaded by itself (NSS, gconv, libgcc_s). Calls with such a
// handle are passed on to libc's own function.
#pragma once

#include "ldso/dl/dlerror.h"
#include "ldso/process/process.h"

namespace ldseal {

bool is_handle_of_libc(const void* handle);
Error bad_handle(const void* handle);
// Makes libc's dlerror(3), if there is one, the error of this thread.
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

// Passes a handle that is not ld-seal's to libc's `function`. Returns its answer; or `failed`, with
// the error kBadHandle, if the handle is not libc's either.
template <class Answer, class... Arguments>
Answer ask_libc_about(void* handle, Answer failed, const char* function, Arguments... arguments) {
  if (is_handle_of_libc(handle)) {
    note_dl_success();  // an error that libc has takes its place
    return ask_libc<Answer>(function, handle, arguments...);
  }
  set_dl_error(bad_handle(handle));
  return failed;
}

}  // namespace ldseal
