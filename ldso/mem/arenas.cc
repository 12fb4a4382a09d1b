// Arenas get their pages from the kernel in chunks. Untouched pages cost nothing.
#include "ldso/mem/arenas.h"

#include <linux/mman.h>

#include "ldso/base/lifetime.h"
#include "ldso/mem/heap.h"
#include "ldso/mem/mapping.h"
#include "ldso/mem/records.h"
#include "ldso/sys/kernel.h"

// ldso/variables.lds: the variables that become final, on a page boundary, and directly behind them
// the first memory of the permanent arena, up to another one. Then come ld-seal's stack and the
// first memory of the scratch arena; it ends in the page of the variables that may always change.
extern "C" unsigned char final_variables[], permanent_memory[], permanent_memory_end[],
    loader_stack_end[], scratch_memory[], scratch_memory_end[];

namespace ldseal {
namespace {

// The second size is for a process that may have little memory (RLIMIT_DATA, RLIMIT_AS).
constexpr size_t kChunk = size_t{1} << 20;
constexpr size_t kSmallChunk = size_t{64} << 10;

constexpr size_t kUsedAtOnce = size_t{16} << 10;  // of a chunk, by the links of most programs

// The header of each further chunk, which comes from the kernel.
struct alignas(16) Chunk {
  Chunk* next;
  ByteCount length;
  AddressRange range() const { return {Address(this), Address(this) + length}; }
};

// The first chunks are part of ld-seal's image. Most programs need no others.
struct FirstChunks {
  PageSize page;
  bool arenas_are_closed;
  bool permanent_is_used;
  bool scratch_is_used;
  Chunk* permanent_chunks;
  Chunk* scratch_chunks;
};
constinit FirstChunks first_chunks = {};

AddressRange first_permanent() {
  return {Address(permanent_memory), Address(permanent_memory_end)};
}

AddressRange first_scratch() { return {Address(scratch_memory), Address(scratch_memory_end)}; }

// `usual` is what the length is a multiple of, where there is that much memory.
void* new_chunk(Chunk*& chunks, size_t least, size_t& given, size_t usual = kChunk) {
  size_t length = round_up(least + sizeof(Chunk), usual);
  Result<Mapping> large = Mapping::anonymous(ByteCount(length));
  if (!large) length = round_up(least + sizeof(Chunk), kSmallChunk);
  Result<Mapping> pages = large ? std::move(large) : Mapping::anonymous(ByteCount(length));
  if (!pages) die_out_of_memory();
  AddressRange memory = std::move(*pages).keep_forever();
  if (usual == kHugePage) prefer_huge_pages(memory);
  populate_to_fill({memory.start, memory.start + ByteCount(kUsedAtOnce)});
  auto* chunk = memory.start.as<Chunk>();
  chunk->length = memory.length();
  chunk->next = chunks;
  chunks = chunk;
  given = length - sizeof(Chunk);
  return chunk + 1;
}

void* more_permanent_pages(Arena&, size_t least, size_t& given) {
  AddressRange first = first_permanent();
  if (first_chunks.permanent_is_used || least > first.length().value)
    return new_chunk(first_chunks.permanent_chunks, least, given);
  first_chunks.permanent_is_used = true;
  given = first.length().value;
  return first.start.as<void>();
}

// Records need no list of chunks: they are in that of mem/records.cc.
void* more_record_pages(Arena&, size_t least, size_t& given) {
  AddressRange memory = take_record_memory(ByteCount(round_up(least, kUsualAlignment)));
  if (memory.empty()) {
    Result<Mapping> pages =
        Mapping::anonymous(ByteCount(round_up(least + kRecordRegionHeader.value, kSmallChunk)));
    if (!pages) die_out_of_memory();
    memory = std::move(*pages).keep_forever();
    add_record_pages(memory);
    memory.start = memory.start + kRecordRegionHeader;
  }
  given = memory.length().value;
  return memory.start.as<void>();
}

void* more_scratch_pages(Arena&, size_t least, size_t& given) {
  AddressRange first = first_scratch();
  if (first_chunks.scratch_is_used || least > first.length().value) {
    // One huge page costs less than the faults for so much memory.
    const size_t usual = least >= Arena::kLarge ? kHugePage : kChunk;
    return new_chunk(first_chunks.scratch_chunks, least, given, usual);
  }
  first_chunks.scratch_is_used = true;
  given = first.length().value;
  return first.start.as<void>();
}

void* refuse(Arena&, size_t, size_t&) {
  kernel::die("ld-seal: memory is wanted of an arena that is closed\n");
}

}  // namespace

LDSEAL_FINAL constinit Arena permanent_arena;
LDSEAL_FINAL constinit Arena record_arena;
LDSEAL_FINAL constinit Arena scratch_arena;

void set_up_arenas(PageSize page) {
  first_chunks.page = page;
  set_up_records();
  permanent_arena.take_pages_from(more_permanent_pages);
  record_arena.take_pages_from(more_record_pages);
  scratch_arena.take_pages_from(more_scratch_pages);
}

void populate_first_memory() {
  constexpr ByteCount kOfArena{uint64_t{8} << 10}, kOfStack{uint64_t{20} << 10};
  PageSize page = first_chunks.page;  // the first of each is in use by now
  Address arena = page.up(Address(permanent_memory)), stack = page.down(Address(loader_stack_end));
  populate_to_fill({arena, arena + kOfArena});
  populate_to_fill({page.down(stack - kOfStack), page.up(Address(scratch_memory_end))});
}

void close_arenas() {
  first_chunks.arenas_are_closed = true;
  record_arena.close(refuse);
  scratch_arena.close(refuse);
}

void release_scratch_arena() {
  if (!first_chunks.arenas_are_closed) close_arenas();
  for (Chunk* chunk = first_chunks.scratch_chunks; chunk != nullptr;) {
    AddressRange range = chunk->range();
    chunk = chunk->next;
    kernel::unmap(range.start, range.length());
  }
  first_chunks.scratch_chunks = nullptr;
  __builtin_memset(scratch_memory, 0, first_scratch().length().value);
}

void release_loader_stack() {
  Address start(permanent_memory_end), end(loader_stack_end);
  Address variables_page = first_chunks.page.down(Address(scratch_memory_end));
  kernel::advise(start, variables_page - start, MADV_DONTNEED);
  if (variables_page < end)  // pages are large here
    __builtin_memset(variables_page.as<void>(), 0, (end - variables_page).value);
}

size_t most_permanent_ranges() {
  size_t count = 2;  // the first chunk, and one that may still be begun
  for (Chunk* chunk = first_chunks.permanent_chunks; chunk != nullptr; chunk = chunk->next) ++count;
  return count;
}

List<AddressRange> close_our_memory() {
  Address used_end = permanent_arena.close(refuse);
  PageSize page = first_chunks.page;
  List<AddressRange> closed;
  auto add = [&](AddressRange pages) {
    prefault_read(pages, page);
    closed.add(scratch_arena, pages);
  };
  auto used_part = [&](AddressRange all) {
    return AddressRange{all.start, all.contains(used_end) ? page.up(used_end) : all.end};
  };
  AddressRange first = used_part(first_permanent());
  if (!first_chunks.permanent_is_used) first.end = page.up(first.start);
  add({Address(final_variables), first.end});
  for (Chunk* chunk = first_chunks.permanent_chunks; chunk != nullptr; chunk = chunk->next) {
    AddressRange all = chunk->range(), used = used_part(all);
    if (used.end != all.end) kernel::unmap(used.end, all.end - used.end);
    add(used);
  }
  return closed;
}

AddressRange own_stack() {
  return {Address(permanent_memory_end), first_chunks.page.down(Address(loader_stack_end))};
}

}  // namespace ldseal
