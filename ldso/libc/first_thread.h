// The first thread of a process without libc: its thread-local storage and the words at the thread
// pointer.
#pragma once

#include "ldso/link/tls_layout.h"
#include "ldso/sys/process_stack.h"

namespace ldseal {

// Maps zeroed memory for both and sets the thread pointer. Returns the start of the block of
// thread-local storage, which lies where `tls` says. Errors: kCannotMap.
Result<Address> make_first_thread(const TlsLayout& tls, const ProcessStack& stack, PageSize page);

}  // namespace ldseal
