// A module's block of thread-local storage in one thread, and the DTV that leads to it. A block
// lies in the thread's static block, or comes from ld-seal's heap, never from the program's malloc.
#pragma once

#include "ldso/image/module.h"
#include "ldso/threads/thread_record.h"

namespace ldseal {

// The block of a module that has a static place, in the thread with this thread pointer.
inline Address static_block(const Module& module, uintptr_t pointer) {
  return Address(pointer + static_cast<uint64_t>(module.tls_offset()));
}

void write_initial_values(const Module& module, Address block);

// Makes a block in the heap, with its initial values. Null: no memory.
void* new_block(const Module& module);
// Gives a block of the heap back, and sets `block` to null.
void release_block(const Module& module, void*& block);

// The thread's block of the module with this id; null if it has none. Needs threads_lock for
// another thread.
inline void* block_of(const ThreadRecord& record, uint64_t id) {
  Dtv* table = record.table;
  return table == nullptr || id >= table->capacity ? nullptr : table->blocks()[id];
}

// Makes room for `id` in the calling thread's DTV, with threads_lock held. False: no memory.
bool widen_table(ThreadRecord& record, uint64_t id);
void release_tables(ThreadRecord& record);

}  // namespace ldseal
