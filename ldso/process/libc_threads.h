// libc's functions about threads and their attributes (<pthread.h>). They are looked up in libc
// itself, because a program may find ld-seal's functions by these names. pthread_t is one machine
// word; pthread_attr_t is an array of bytes whose size the libc defines.
#pragma once

#include <cstddef>

namespace ldseal {

using ThreadHandle = unsigned long;  // pthread_t

// A pointer is null if libc has no function of that name.
struct ThreadFunctions {
  int (*create)(ThreadHandle* thread, const void* attributes, void* (*start)(void*),
                void* argument);
  ThreadHandle (*self)();
  int (*attributes_of)(ThreadHandle thread, void* attributes);  // pthread_getattr_np
  int (*default_attributes)(void* attributes);                  // pthread_getattr_default_np
  int (*destroy)(void* attributes);
  int (*get_stack)(const void* attributes, void** lowest, size_t* size);
  int (*get_stack_size)(const void* attributes, size_t* size);
  int (*get_guard_size)(const void* attributes, size_t* size);
  int (*set_stack)(void* attributes, void* lowest, size_t size);
  int (*set_stack_size)(void* attributes, size_t size);
  int (*set_guard_size)(void* attributes, size_t size);

  // _dl_get_tls_static_info of glibc's rtld: what it takes for thread-local storage from each
  // stack.
  void (*static_tls)(size_t* size, size_t* alignment);

  bool all() const {
    return create != nullptr && self != nullptr && attributes_of != nullptr &&
           default_attributes != nullptr && destroy != nullptr && get_stack != nullptr &&
           get_stack_size != nullptr && get_guard_size != nullptr && set_stack != nullptr &&
           set_stack_size != nullptr && set_guard_size != nullptr;
  }
};

const ThreadFunctions& thread_functions();
// In the child of fork(2).
void forget_other_users_of_thread_functions();

// True if libc makes its guards as PROT_NONE mappings, as musl and glibc before 2.42 do. Otherwise
// it relies on MADV_GUARD_INSTALL without a check.
bool libc_guards_by_mappings();

}  // namespace ldseal
