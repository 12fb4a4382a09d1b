// pthread_create(3), thrd_create(3) and pthread_getattr_np(3). They call libc's own functions, and
// add ld-seal's record and guard of the thread.
#include <asm/errno.h>

#include "ldso/abi/exports.h"
#include "ldso/dl/fork.h"
#include "ldso/process/process.h"
#include "ldso/threads/threads.h"

using namespace ldseal;

namespace {

// The result of thrd_create for an answer of pthread_create, as in the same libc.
int thrd_answer(int answer) {
  constexpr int kSuccess = 0, kError = 2, kNoMemory = 3;  // <threads.h>: thrd_success and so on
  if (answer == 0) return kSuccess;
  bool is_musl = process.runtime.family == LibcFamily::kMusl;
  return answer == ENOMEM || (is_musl && answer == EAGAIN) ? kNoMemory : kError;
}

}  // namespace

int pthread_create(unsigned long* thread, const void* attributes, void* (*start)(void*),
                   void* argument) {
  follow_forks();
  return create_thread(thread, attributes,
                       {reinterpret_cast<void*>(start), argument, ThreadResult::kPointer});
}

int thrd_create(unsigned long* thread, int (*start)(void*), void* argument) {
  follow_forks();
  return thrd_answer(create_thread(thread, nullptr,
                                   {reinterpret_cast<void*>(start), argument, ThreadResult::kInt}));
}

int pthread_getattr_np(unsigned long thread, void* attributes) {
  const ThreadFunctions& libc = thread_functions();
  if (libc.attributes_of == nullptr) return ENOSYS;
  int answer = libc.attributes_of(thread, attributes);
  if (answer == 0) show_guard_of(thread, attributes);
  return answer;
}
