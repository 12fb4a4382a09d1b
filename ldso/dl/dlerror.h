// dlerror(3): what went wrong last in this thread, in the words of the libc in use.
#pragma once

#include "ldso/base/error.h"
#include "ldso/threads/thread_record.h"

namespace ldseal {

// Replaces this thread's error.
void set_dl_error(const Error& error);
// The same with a text of libc's.
void set_dl_error_text(const char* text);
// Removes this thread's error.
void clear_dl_error();
// Keeps this thread's error aside for as long as it lives. Errors that occur meanwhile are dropped.
class DlErrorAside {
 public:
  DlErrorAside();
  ~DlErrorAside();
  DlErrorAside(const DlErrorAside&) = delete;
  DlErrorAside& operator=(const DlErrorAside&) = delete;

 private:
  void* before_;
};

// The text of this thread's error, whether it was asked for or not; null if there is none.
const char* dl_error_text();
// Forgets it, if the libc in use does so when a call succeeds.
void forget_dl_error_as_libc();
// A call succeeded: glibc forgets the error before it, musl does not.
inline void note_dl_success() {
  if (thread_area().dlerror_state != nullptr) [[unlikely]]
    forget_dl_error_as_libc();
}
// Returns the text of this thread's error, once; null if there was no error since the last call.
// The text is valid until the thread's next error or call of dlerror.
const char* take_dl_error();

}  // namespace ldseal
