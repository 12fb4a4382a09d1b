// The functions and variables that programs may bind to. ldso/api/exports.txt lists them, and a
// test compares the list with the built file. The declarations match glibc's and musl's <link.h>
// and <dlfcn.h>, which are not included here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ldso/abi/dlfcn.h"
#include "ldso/abi/link.h"

// Protected visibility: ld-seal itself reaches them directly, without a relocated slot.
#define LDSEAL_EXPORT __attribute__((visibility("protected")))

extern "C" {
LDSEAL_EXPORT extern ldseal::Rendezvous _r_debug;
LDSEAL_EXPORT void _dl_debug_state();
LDSEAL_EXPORT void* __tls_get_addr(const ldseal::TlsIndex* index);
LDSEAL_EXPORT int pthread_create(unsigned long* thread, const void* attributes,
                                 void* (*start)(void*), void* argument);
LDSEAL_EXPORT int pthread_getattr_np(unsigned long thread, void* attributes);
LDSEAL_EXPORT int thrd_create(unsigned long* thread, int (*start)(void*), void* argument);
LDSEAL_EXPORT int __cxa_thread_atexit_impl(void (*destructor)(void*), void* argument, void* object);
LDSEAL_EXPORT int dl_iterate_phdr(int (*visit)(ldseal::ProgramHeaderInfo*, size_t, void*),
                                  void* data);
LDSEAL_EXPORT int _dl_find_object(void* address, ldseal::FoundObjectInfo* result);
LDSEAL_EXPORT void* dlopen(const char* name, int mode);
LDSEAL_EXPORT void* dlmopen(long name_space, const char* name, int mode);
LDSEAL_EXPORT int dlclose(void* handle);
LDSEAL_EXPORT const char* dlerror();
LDSEAL_EXPORT void* dlsym(void* handle, const char* name);
LDSEAL_EXPORT void* dlvsym(void* handle, const char* name, const char* version);
LDSEAL_EXPORT int ldseal_reseal();
LDSEAL_EXPORT int dladdr(const void* address, ldseal::AddressInfo* info);
LDSEAL_EXPORT int dladdr1(const void* address, ldseal::AddressInfo* info, void** extra, int flags);
LDSEAL_EXPORT char** backtrace_symbols(void* const* addresses, int count);
LDSEAL_EXPORT void backtrace_symbols_fd(void* const* addresses, int count, int file);
LDSEAL_EXPORT int dlinfo(void* handle, int request, void* where);
}
