// The opened modules that have thread-local storage: their ids, and their places in the surplus of
// every thread's static block where code refers to them as initial-exec. What opens and closes
// objects calls this under the loader's lock.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/image/module.h"
#include "ldso/link/linker.h"
#include "ldso/threads/thread_record.h"

namespace ldseal {

// How a module word (link/tls_layout.h) leads to a block. Set once, at start-up.
struct ModuleWords {
  uint64_t start_up_modules;
  const int64_t* start_up_offsets;  // of their blocks from the thread pointer, by module word
  uint64_t first_opened;            // the module word of the opened id 0, which is nobody's
  int64_t slots;  // of the slot of the module word 0, if it had one, from the thread pointer
};
extern ModuleWords module_words;

// Module words of libc's own objects, above every one of ours: this and the id in libc.
constexpr uint64_t kLibcsIds = uint64_t{1} << 32;

// Once, at start-up.
void set_up_tls_modules(const TlsLayout& layout, Arena& permanent);

// What relocations of opened objects bind to.
TlsAccess tls_access_for_opens();

// Before an opened module is relocated: gives it its id. A module without storage needs none of the
// three calls.
Status register_tls(Module& module);
// For dynamic_tls.cc: the relocated image is final, every thread that is known gets it.
void publish_image(Module& module);
// When it is closed, or could not be opened: every thread's block ends, all at once, so that the id
// may be used again. A thread's pointer is either null or the block of the module that has the id
// now.
void release_tls(Module& module);

// With threads_lock held: the opened module that has the id; null where it is free.
Module* tls_module(uint64_t id);

// For threads.cc, with threads_lock held. In a new thread: the initial values of what lies in the
// surplus.
void start_with_initial_values();
// Of a thread that ends.
void release_blocks(ThreadRecord& record);

// The block that the calling thread has; null where it has none yet.
void* tls_data(const Module& module);

// The ids that a process sees (dlpi_tls_modid, RTLD_DI_TLS_MODID): __tls_get_addr answers for them,
// too. 0: the module has no thread-local storage.
uint64_t public_tls_id(const Module& module);
// What libc's dl_iterate_phdr says of libc's own objects, as an id that is nobody else's.
uint64_t public_id_of_libcs(uint64_t id_in_libc);

}  // namespace ldseal
