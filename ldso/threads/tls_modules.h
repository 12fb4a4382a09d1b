// The opened modules that have thread-local storage: their ids, and, if code uses the initial-exec
// model, their places in the surplus of every thread's static block. Callers that open and close
// objects hold dl_lock; these functions take threads_lock.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/image/module.h"
#include "ldso/link/linker.h"
#include "ldso/threads/thread_record.h"

namespace ldseal {

// How a module word (link/tls_layout.h), the ti_module of a tls_index, leads to a block. Set once,
// at start-up.
struct ModuleWords {
  uint64_t start_up_modules;
  const int64_t* start_up_offsets;  // offset of the block from the thread pointer, by module word
  uint64_t first_opened;            // the module word of the opened id 0, which is never used
  int64_t slots;  // offset from the thread pointer of the slot that module word 0 would have
};
extern ModuleWords module_words;

// A module word of an object that libc has loaded is this plus the id in libc. It is above every
// word of ours.
constexpr uint64_t kLibcsIds = uint64_t{1} << 32;

// Called once, at start-up.
void set_up_tls_modules(const TlsLayout& layout, Arena& permanent);

// The descriptor resolvers and the rest that relocations of dlopened objects bind to.
TlsAccess tls_access_for_opens();

// Gives an opened module its id, before it is relocated. Errors: kTlsTooLarge. A module without
// thread-local storage needs none of these three calls.
Status register_tls(Module& module);
// Called by dynamic_tls.cc when the relocated image is final: threads may copy it from now on. If
// the module has a static place, every thread with a record gets the initial values.
void publish_image(Module& module);
// Called when the module is closed, or could not be opened: releases the blocks of all threads at
// once, so that the id may be used again. So a thread's pointer is always null or a block of the
// module that has the id now.
void release_tls(const Module& module);

// The opened module with this id; null if the id is free. Needs threads_lock.
Module* tls_module(uint64_t id);

// Writes the initial values of the modules in the surplus into the calling thread's static block.
// Called by threads.cc in a new thread, with threads_lock held.
void start_with_initial_values();
// Releases the blocks and the DTV of a thread that ends. Called by threads.cc with threads_lock
// held.
void release_blocks(ThreadRecord& record);

// The calling thread's block of the module; null if it has none yet.
void* tls_data(const Module& module);

// The id that a program sees (dlpi_tls_modid, RTLD_DI_TLS_MODID). __tls_get_addr accepts it as
// ti_module. 0: the module has no thread-local storage.
uint64_t public_tls_id(const Module& module);
// The same for an object that libc has loaded, from the id in libc.
uint64_t public_id_of_libcs(uint64_t id_in_libc);

}  // namespace ldseal
