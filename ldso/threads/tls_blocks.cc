// See tls_blocks.h.
#include "ldso/threads/tls_blocks.h"

#include "ldso/mem/heap.h"
#include "ldso/threads/sanitizers.h"

namespace ldseal {
namespace {

uint64_t skew_of(const TlsBlock& block) { return block.image.value & (block.alignment - 1); }

size_t size_of(const Dtv& table) { return sizeof(Dtv) + table.capacity * sizeof(void*); }

}  // namespace

void write_initial_values(const Module& m, Address block) {
  const TlsBlock& b = m.tls;
  const void* image = (b.image + m.bias).as<const void>();
  __builtin_memcpy(block.as<void>(), image, b.image_size.value);
  __builtin_memset((block + b.image_size).as<void>(), 0, b.size.value - b.image_size.value);
}

void* new_block(const Module& m) {
  uint64_t skew = skew_of(m.tls);
  void* memory = heap.allocate(skew + m.tls.size.value, m.tls.alignment);
  if (memory == nullptr) return nullptr;
  Address block = Address(memory) + ByteCount(skew);
  write_initial_values(m, block);
  report_block_to_sanitizers(block.as<void>(), m.tls.size.value);
  return block.as<void>();
}

void release_block(const Module& m, void*& block) {
  if (block == nullptr) return;
  uint64_t skew = skew_of(m.tls);
  if (!m.has_static_tls()) {
    report_end_to_sanitizers(block, m.tls.size.value);
    heap.release(static_cast<char*>(block) - skew, skew + m.tls.size.value, m.tls.alignment);
  }
  block = nullptr;
}

// A signal handler of the thread may read ThreadArea at any time. So the new vector has all
// pointers of the old one before it is stored, and the count is stored after it.
bool widen_table(ThreadRecord& record, uint64_t id) {
  uint64_t before = record.table == nullptr ? 0 : record.table->capacity;
  if (id < before) return true;
  uint64_t capacity = before == 0 ? 8 : before;
  while (capacity <= id) capacity *= 2;
  auto* table = static_cast<Dtv*>(heap.allocate(sizeof(Dtv) + capacity * sizeof(void*)));
  if (table == nullptr) return false;
  table->before = record.table;
  table->capacity = capacity;
  for (uint64_t i = 0; i < before; ++i) table->blocks()[i] = record.table->blocks()[i];
  record.table = table;
  ThreadArea& area = thread_area();
  __atomic_store_n(&area.blocks, table->blocks(), __ATOMIC_RELEASE);
  __atomic_store_n(&area.block_count, capacity, __ATOMIC_RELEASE);
  return true;
}

void release_tables(ThreadRecord& record) {
  for (Dtv* table = record.table; table != nullptr;) {
    Dtv* before = table->before;
    heap.release(table, size_of(*table));
    table = before;
  }
  record.table = nullptr;
}

}  // namespace ldseal
