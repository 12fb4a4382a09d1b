// libc's own functions about threads and their attributes (<pthread.h>), looked up once: what a
// program finds by these names may be ours. pthread_t is a word and pthread_attr_t some bytes.
#pragma once

#include <cstddef>

namespace ldseal {

using ThreadHandle = unsigned long;  // pthread_t

// Null where libc has none.
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

  bool all() const {
    return create != nullptr && self != nullptr && attributes_of != nullptr &&
           default_attributes != nullptr && destroy != nullptr && get_stack != nullptr &&
           get_stack_size != nullptr && get_guard_size != nullptr && set_stack != nullptr &&
           set_stack_size != nullptr && set_guard_size != nullptr;
  }
};

const ThreadFunctions& thread_functions();

// True: libc's own guards are mappings of their own, and not pages that it believes to be guarded.
bool libc_guards_by_mappings();

}  // namespace ldseal
