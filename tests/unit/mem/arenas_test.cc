// The loader's two arenas: their first pieces in the image, further ones from the kernel, and what is closed at last.
// A program of its own, for it has the memory that ldso/variables.lds gives the loader.
#include "ldso/mem/arenas.h"

#include <cstring>
#include <sys/mman.h>

#include "ldso/mem/mapping.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/loading.h"
#include "tests/lib_cc/memory_map.h"

asm(".bss\n"
    ".balign 65536\n"
    ".globl final_variables, permanent_memory, permanent_memory_end, loader_stack_end\n"
    ".hidden final_variables, permanent_memory, permanent_memory_end, loader_stack_end\n"
    ".globl scratch_memory, scratch_memory_end\n"
    ".hidden scratch_memory, scratch_memory_end\n"
    "final_variables: .skip 512\n"
    "permanent_memory: .skip 65024\n"
    "permanent_memory_end: .skip 66560\n"  // 65 KiB
    "loader_stack_end:\n"
    "scratch_memory: .skip 4096\n"
    "scratch_memory_end: .skip 16\n"
    ".text\n");
extern "C" [[gnu::visibility("hidden")]] unsigned char final_variables[], permanent_memory[],
    permanent_memory_end[], loader_stack_end[], scratch_memory_end[];

namespace ldseal {
namespace {

using namespace testing_tools;

constexpr size_t kMoreThanTheFirstPiece = size_t{100} << 10;
constexpr size_t kMoreThanAPiece = size_t{3} << 20;

size_t mappings_made(const ScriptedKernel& kernel) {
  const auto& calls = kernel.calls();
  return static_cast<size_t>(
      std::count_if(calls.begin(), calls.end(), [](const auto& c) { return c.name == "map"; }));
}

std::vector<AddressRange> closed_memory() {
  List<AddressRange> closed = close_our_memory();
  return {closed.begin(), closed.end()};
}

bool is_in(const std::vector<AddressRange>& ranges, const void* start, size_t size) {
  AddressRange wanted{Address(start), Address(start) + ByteCount(size)};
  return std::any_of(ranges.begin(), ranges.end(), [&](AddressRange range) {
    return range.start <= wanted.start && wanted.end <= range.end;
  });
}

// Each in a process of its own, with arenas that nobody has used yet.
template <class Body>
void with_fresh_arenas(const Body& body) {
  in_fresh_process([&] {
    ScriptedKernel kernel;
    set_up_arenas(kPages);
    body(kernel);
  });
}

TEST(ArenasDeathTest, BeginInTheImage) {
  with_fresh_arenas([](ScriptedKernel& kernel) {
    std::memset(permanent_arena.allocate(1000, 16), 1, 1000);
    std::memset(scratch_arena.allocate(1000, 16), 1, 1000);
    EXPECT_EQ(mappings_made(kernel), 0u);
  });
}
TEST(ArenasDeathTest, PermanentMemoryBeginsBehindTheFinalVariables) {
  with_fresh_arenas(
      [](ScriptedKernel&) { EXPECT_EQ(permanent_arena.allocate(1, 1), permanent_memory); });
}
TEST(ArenasDeathTest, GoOnInPiecesOfTheKernel) {
  with_fresh_arenas([](ScriptedKernel& kernel) {
    for (Arena* arena : {&permanent_arena, &scratch_arena}) {
      size_t before = mappings_made(kernel);
      std::memset(arena->allocate(kMoreThanTheFirstPiece, 16), 1, kMoreThanTheFirstPiece);
      std::memset(arena->allocate(kMoreThanTheFirstPiece, 16), 1, kMoreThanTheFirstPiece);
      EXPECT_EQ(mappings_made(kernel), before + 1);
    }
  });
}
TEST(ArenasDeathTest, ServeWhatIsLargerThanAPiece) {
  with_fresh_arenas([](ScriptedKernel&) {
    for (Arena* arena : {&permanent_arena, &scratch_arena})
      std::memset(arena->allocate(kMoreThanAPiece, 4096), 1, kMoreThanAPiece);
  });
}
void expect_end(ScriptedKernel& kernel, Arena& arena, size_t size, const char* line) {
  try {
    arena.allocate(size, 16);
    ADD_FAILURE() << "it goes on";
  } catch (const ProcessEnded& end) {
    EXPECT_EQ(end.status, 127);
  }
  EXPECT_EQ(kernel.written(), line);
}

TEST(ArenasDeathTest, WithoutMemoryTheProcessEndsWithALine) {
  for (Arena* arena : {&permanent_arena, &scratch_arena}) {
    with_fresh_arenas([arena](ScriptedKernel& kernel) {
      kernel.fail_after(0, ENOMEM, 2);  // of a large piece and a small one
      expect_end(kernel, *arena, kMoreThanAPiece, "ld-seal: out of memory\n");
    });
  }
}

TEST(Arenas, WithoutALargePieceASmallOneWillDo) {
  for (Arena* arena : {&permanent_arena, &scratch_arena}) {
    with_fresh_arenas([arena](ScriptedKernel& kernel) {
      kernel.fail_after(0, ENOMEM);
      EXPECT_NE(arena->allocate(size_t{300} << 10, 16), nullptr);
      EXPECT_EQ(kernel.written(), "");
    });
  }
}

constexpr char kIsClosed[] = "ld-seal: memory is wanted of an arena that is closed\n";

TEST(ArenasDeathTest, WhoeverWantsPermanentMemoryAfterTheEndEndsTheProcessWithALine) {
  with_fresh_arenas([](ScriptedKernel& kernel) {
    permanent_arena.allocate(16, 16);
    close_our_memory();
    expect_end(kernel, permanent_arena, 16, kIsClosed);
  });
}
TEST(ArenasDeathTest, AListThatOutgrowsItsReserveAfterTheEndEndsTheProcessWithALine) {
  with_fresh_arenas([](ScriptedKernel& kernel) {
    List<uint64_t> reserved;
    reserved.reserve(permanent_arena, 2);
    close_our_memory();
    for (uint64_t item : {1, 2}) reserved.add(permanent_arena, item);
    EXPECT_THROW(reserved.add(permanent_arena, 3), ProcessEnded);
    EXPECT_EQ(kernel.written(), kIsClosed);
  });
}
TEST(ArenasDeathTest, WhoeverWantsScratchMemoryAfterItsReleaseEndsTheProcessWithALine) {
  with_fresh_arenas([](ScriptedKernel& kernel) {
    scratch_arena.allocate(16, 16);
    release_scratch_arena();
    expect_end(kernel, scratch_arena, 16, kIsClosed);
  });
}

TEST(ArenasDeathTest, ReleasingGivesBackAllScratchMemoryOfTheKernel) {
  with_fresh_arenas([](ScriptedKernel& kernel) {
    permanent_arena.allocate(kMoreThanAPiece, 16);
    size_t before = kernel.mapped_pages();
    scratch_arena.allocate(kMoreThanTheFirstPiece, 16);
    scratch_arena.allocate(kMoreThanAPiece, 16);
    EXPECT_GT(kernel.mapped_pages(), before);
    release_scratch_arena();
    EXPECT_EQ(kernel.mapped_pages(), before);
  });
}
TEST(ArenasDeathTest, ReleasingTwiceGivesBackOnce) {
  with_fresh_arenas([](ScriptedKernel&) {
    scratch_arena.allocate(kMoreThanAPiece, 16);
    release_scratch_arena();
    release_scratch_arena();
  });
}

TEST(ArenasDeathTest, NothingIsLeftOfTheLoadersStackAndOfScratchMemory) {
  with_fresh_arenas([](ScriptedKernel&) {
    size_t size = static_cast<size_t>(scratch_memory_end - permanent_memory_end);
    std::memset(permanent_memory_end, 1, size);
    scratch_memory_end[0] = 1;
    release_scratch_arena();
    release_loader_stack();
    EXPECT_EQ(std::count(permanent_memory_end, scratch_memory_end, 1), 0);
    EXPECT_EQ(scratch_memory_end[0], 1);
  });
}
TEST(ArenasDeathTest, PagesOfTheLoadersStackAreGivenBackAndNotCleared) {
  with_fresh_arenas([](ScriptedKernel&) {
    std::memset(permanent_memory_end, 1, kPage);
    release_scratch_arena();
    release_loader_stack();
    EXPECT_FALSE(exists(Address(permanent_memory_end)));
  });
}

TEST(ClosedMemoryDeathTest, IsAllThatIsPermanent) {
  with_fresh_arenas([](ScriptedKernel&) {
    std::vector<std::pair<void*, size_t>> records;
    for (size_t size : {size_t{1}, size_t{5000}, kMoreThanTheFirstPiece, size_t{7}, kMoreThanAPiece,
                        size_t{5000}, kMoreThanAPiece, size_t{9}})
      records.emplace_back(permanent_arena.allocate(size, 16), size);
    std::vector<AddressRange> closed = closed_memory();
    for (auto [start, size] : records) EXPECT_TRUE(is_in(closed, start, size)) << size;
  });
}
TEST(ClosedMemoryDeathTest, HasNoUnusedPagesOfTheImage) {
  with_fresh_arenas([](ScriptedKernel&) {
    permanent_arena.allocate(kPage + 1, 1);
    std::vector<AddressRange> closed = closed_memory();
    ASSERT_EQ(closed.size(), 1u);
    EXPECT_EQ(closed[0].start, Address(final_variables));
    EXPECT_EQ(closed[0].end, Address(final_variables) + ByteCount(2 * kPage));
  });
}
TEST(ClosedMemoryDeathTest, IsThatOfTheFinalVariablesWhereNothingIsPermanent) {
  with_fresh_arenas([](ScriptedKernel&) {
    std::vector<AddressRange> closed = closed_memory();
    ASSERT_EQ(closed.size(), 1u);
    EXPECT_EQ(closed[0].start, Address(final_variables));
    EXPECT_EQ(closed[0].length().value, kPage);
  });
}
TEST(ClosedMemoryDeathTest, BeginsWithWhatLiesInTheImage) {
  with_fresh_arenas([](ScriptedKernel&) {
    permanent_arena.allocate(1, 1);
    permanent_arena.allocate(kMoreThanTheFirstPiece, 16);
    std::vector<AddressRange> closed = closed_memory();
    ASSERT_EQ(closed.size(), 2u);
    EXPECT_EQ(closed[0].start, Address(final_variables));
  });
}
TEST(ClosedMemoryDeathTest, IsOfWholePages) {
  with_fresh_arenas([](ScriptedKernel&) {
    permanent_arena.allocate(5, 1);
    permanent_arena.allocate(kMoreThanTheFirstPiece, 16);
    for (AddressRange range : closed_memory()) {
      EXPECT_EQ(kPages.down(range.start), range.start);
      EXPECT_EQ(kPages.down(range.end), range.end);
    }
  });
}
TEST(ClosedMemoryDeathTest, HasNoUnusedPagesOfTheKernels) {
  with_fresh_arenas([](ScriptedKernel& kernel) {
    permanent_arena.allocate(kMoreThanTheFirstPiece, 16);
    std::vector<AddressRange> closed = closed_memory();
    ASSERT_EQ(closed.size(), 2u);
    EXPECT_EQ(closed[1].length().value, kMoreThanTheFirstPiece + kPage);  // and the piece's header
    EXPECT_EQ(kernel.mapped_pages(), closed[1].length().value / kPage);
  });
}
TEST(ClosedMemoryDeathTest, IsAllOfEveryPieceButTheLast) {
  with_fresh_arenas([](ScriptedKernel& kernel) {
    permanent_arena.allocate(kMoreThanTheFirstPiece, 16);
    size_t whole_piece = kernel.mapped_pages();
    permanent_arena.allocate(kMoreThanAPiece, 16);
    std::vector<AddressRange> closed = closed_memory();
    ASSERT_EQ(closed.size(), 3u);
    EXPECT_EQ(closed[2].length().value, whole_piece * kPage);
  });
}
TEST(ClosedMemoryDeathTest, ExistsPageByPage) {
  with_fresh_arenas([](ScriptedKernel&) {
    permanent_arena.allocate(10 * kPage, 16);
    permanent_arena.allocate(kMoreThanTheFirstPiece, 16);
    permanent_arena.allocate(kMoreThanAPiece, 16);
    std::vector<AddressRange> closed = closed_memory();
    ASSERT_EQ(closed.size(), 3u);
    for (AddressRange range : closed) {
      for (Address at = range.start; at < range.end; at = at + ByteCount(kPage))
        ASSERT_TRUE(exists(at)) << (at - range.start).value / kPage;
    }
  });
}
TEST(ClosedMemoryDeathTest, CostsNoPagesWhereItHoldsNothing) {
  with_fresh_arenas([](ScriptedKernel&) {
    permanent_arena.allocate(10, 16);
    close_our_memory();
    EXPECT_FALSE(exists(Address(final_variables) + ByteCount(4 * kPage)));
  });
}
TEST(ClosedMemoryDeathTest, CostsNoMorePagesThanTheVariablesHaveWhereNothingIsPermanent) {
  with_fresh_arenas([](ScriptedKernel&) {
    close_our_memory();
    EXPECT_FALSE(exists(Address(final_variables) + ByteCount(kPage)));
  });
}
TEST(ClosedMemoryDeathTest, MayBeReadOnlyWhileScratchMemoryIsUsed) {
  with_fresh_arenas([](ScriptedKernel&) {
    permanent_arena.allocate(kMoreThanTheFirstPiece, 16);
    void* scratch = scratch_arena.allocate(100, 16);
    for (AddressRange range : closed_memory()) ASSERT_TRUE(change_protection(range, PROT_READ));
    std::memset(scratch, 1, 100);
    std::memset(scratch_arena.allocate(kMoreThanAPiece, 16), 1, kMoreThanAPiece);
    release_scratch_arena();
  });
}
TEST(ClosedMemoryDeathTest, HasNoMoreRangesThanWereForeseen) {
  with_fresh_arenas([](ScriptedKernel&) {
    permanent_arena.allocate(1, 1);
    for (int i = 0; i < 5; ++i) permanent_arena.allocate(kMoreThanAPiece, 16);
    size_t most = most_permanent_ranges();
    permanent_arena.allocate(kMoreThanAPiece, 16);  // one more piece
    EXPECT_EQ(close_our_memory().size(), most);
  });
}

}  // namespace
}  // namespace ldseal
