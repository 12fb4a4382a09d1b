// Reports blocks of thread-local storage to a sanitizer's run-time in the program, because they
// come from ld-seal's heap and not from the program's malloc. The functions are those of
// <sanitizer/lsan_interface.h> and <sanitizer/tsan_interface.h>; a program without them is not
// affected. Called by threads/tls_blocks.cc with threads_lock held.
#pragma once

#include <cstddef>

namespace ldseal {

// A thread has got `size` bytes at `block`. LeakSanitizer searches them for pointers from now on.
// ThreadSanitizer learns that the accesses of the memory's previous owner happened before.
void report_block_to_sanitizers(void* block, size_t size);
// The thread does not use the block any more: the opposite of both.
void report_end_to_sanitizers(void* block, size_t size);

}  // namespace ldseal
