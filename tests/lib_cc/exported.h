// What the loader exports, for tests of the host: there each name has `loaders_` before it
// (tests/unit/meson.build), since the test program has libc's own functions of these names.
#pragma once

#include "ldso/abi/link.h"

extern "C" {
void* loaders___tls_get_addr(const void* index);  // two words: tls_index
const char* loaders_dlerror();
int loaders_pthread_create(unsigned long* thread, const void* attributes, void* (*start)(void*),
                           void* argument);
int loaders_pthread_getattr_np(unsigned long thread, void* attributes);
int loaders_thrd_create(unsigned long* thread, int (*start)(void*), void* argument);
int loaders___cxa_thread_atexit_impl(void (*destructor)(void*), void* argument, void* object);
extern ldseal::Rendezvous loaders__r_debug;
}
