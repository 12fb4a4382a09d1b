// Access to the thread-local storage of dlopened objects. A thread gets its block of a module at
// the first use. If no block can be made, the process ends with one line and exit status 127,
// because __tls_get_addr has no way to report an error.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/image/module.h"
#include "ldso/link/tls_layout.h"

namespace ldseal {

// Called once, at start-up, when libc is up and there is one thread.
void set_up_dynamic_tls(const TlsLayout& layout, Arena& permanent);

// Called when the relocated image of an opened module is final, before any code of the module runs.
// From then on threads get blocks with the initial values. Takes threads_lock.
void publish_tls(Module& module);

// The address of the byte at `offset` of the calling thread's block of the module. Makes the block
// if there is none yet, under threads_lock.
void* tls_address(const Module& module, uint64_t offset);
// The same for the two words of a tls_index, of an opened module or of an object that libc has
// loaded.
void* tls_address_slowly(uint64_t word, uint64_t offset);

}  // namespace ldseal
