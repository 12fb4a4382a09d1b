// What a sanitizer's run-time in the program has to know of thread-local storage that comes from
// our heap and not from the program's malloc, by the functions that it offers to programs
// (<sanitizer/lsan_interface.h>, <sanitizer/tsan_interface.h>). For threads/tls_blocks.cc, with
// threads_lock held.
#pragma once

#include <cstddef>

namespace ldseal {

// Pointers in it keep memory from being a leak; what the last thread did to it lies before.
void tell_sanitizers_of_block(void* block, size_t size);
// The thread that has it does not use it any more.
void tell_sanitizers_of_end(void* block, size_t size);

}  // namespace ldseal
