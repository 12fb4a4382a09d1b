// The first thread of a process without libc: its thread-local storage and the words at the thread
// pointer.
#pragma once

#include "ldso/link/tls_layout.h"
#include "ldso/sys/process_stack.h"

namespace ldseal {

// Makes them and points the thread pointer there. Gives the block of thread-local storage, zeroed,
// which lies where `tls` has it.
Result<Address> make_first_thread(const TlsLayout& tls, const ProcessStack& stack, PageSize page);

}  // namespace ldseal
