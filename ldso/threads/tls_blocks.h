// A module's block of thread-local storage in one thread, and the table that leads to it. Blocks
// come from our own heap, never from the program's malloc, or lie in the thread's static block.
#pragma once

#include "ldso/image/module.h"
#include "ldso/threads/thread_record.h"

namespace ldseal {

// Where a module with a static place has its block, in the thread of this thread pointer.
inline Address static_block(const Module& module, uintptr_t pointer) {
  return Address(pointer + static_cast<uint64_t>(module.tls.offset));
}

void write_initial_values(const Module& module, Address block);

// A block of the heap with its initial values. Null: no memory.
void* new_block(const Module& module);
// Where it is of the heap it goes back; `block` is null then.
void release_block(const Module& module, void*& block);

// The thread's pointer to its block of the module with this id; null where it has none.
inline void* block_of(const ThreadRecord& record, uint64_t id) {
  Dtv* table = record.table;
  return table == nullptr || id >= table->capacity ? nullptr : table->blocks()[id];
}

// Makes room for `id` in the calling thread's table, with threads_lock held. False: no memory.
bool widen_table(ThreadRecord& record, uint64_t id);
void release_tables(ThreadRecord& record);

}  // namespace ldseal
