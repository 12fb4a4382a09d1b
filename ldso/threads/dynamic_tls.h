// Access to the thread-local storage of opened objects: a thread gets its block of a module at the
// first use.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/image/module.h"
#include "ldso/link/tls_layout.h"

namespace ldseal {

// Once, at start-up.
void set_up_dynamic_tls(const TlsLayout& layout, Arena& permanent);

// Once the relocated image of an opened module is final, before any of its code runs.
void publish_tls(Module& module);

// The byte at `offset` of the module's block for the calling thread, which gets a block if it has
// none.
void* tls_address(const Module& module, uint64_t offset);
// The same by the two words that __tls_get_addr is given, of an opened module or of libc's own.
void* tls_address_slowly(uint64_t word, uint64_t offset);

}  // namespace ldseal
