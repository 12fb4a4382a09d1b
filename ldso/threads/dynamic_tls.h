// Thread-local storage of opened objects: a block for each thread that uses it, made at the first
// use, or, where code refers to it as initial-exec, a place in every thread's static block. What
// opens and closes objects calls this under the loader's lock.
#pragma once

#include "arch/native.h"
#include "ldso/base/result.h"
#include "ldso/image/module.h"
#include "ldso/link/relocate.h"
#include "ldso/link/tls_layout.h"
#include "ldso/threads/threads.h"

namespace ldseal {

// Once, at start-up.
void set_up_dynamic_tls(const TlsLayout& layout, Arena& permanent);

// What relocations of opened objects bind to.
TlsAccess tls_access_for_opens();

// Before an opened module is relocated: gives it its id. A module without storage needs none of the
// three calls.
Status adopt_tls(Module& module);
// Once its relocated image is final, before any of its code runs.
void publish_tls(Module& module);
// When it is closed, or could not be opened: every thread's block ends.
void release_tls(Module& module);

// For threads/threads.cc, with threads_lock held. In a new thread: the initial values of what lies in
// the surplus.
void start_with_initial_values();
// Of a thread that ends.
void release_blocks(ThreadRecord& record);

// The byte at `offset` of the module's block for the calling thread, which gets a block if it has
// none.
void* tls_address(const Module& module, uint64_t offset);
// The block that the calling thread has; null where it has none yet.
void* tls_data(const Module& module);

// The ids that a process sees (dlpi_tls_modid, RTLD_DI_TLS_MODID): __tls_get_addr answers for them,
// too. 0: the module has no thread-local storage.
uint64_t public_tls_id(const Module& module);
// What libc's dl_iterate_phdr says of libc's own objects, as an id that is nobody else's.
uint64_t public_id_of_libcs(uint64_t id_in_libc);

}  // namespace ldseal
