// mem/descriptions: writable until it is complete, and unmapped as a whole.
#include "ldso/mem/descriptions.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <vector>

#include "ldso/mem/records.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/host_libc.h"
#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal {
namespace {

using namespace testing_tools;

constexpr size_t kLarge = size_t{100} << 10;  // larger than what is usually mapped

// The kernel cannot write where nobody can.
bool is_writable(const void* at) {
  static const int zeroes = open("/dev/zero", O_RDONLY);
  return read(zeroes, const_cast<void*>(at), 1) == 1;
}

std::vector<AddressRange> runs_of(const DescriptionArena& arena) {
  std::vector<AddressRange> runs;
  arena.for_each_run([&](AddressRange pages) { runs.push_back(pages); });
  return runs;
}

template <class Body>
void with_records_read_only(const Body& body) {
  in_fresh_process([&] {
    ScriptedKernel kernel;
    keep_records_read_only();
    body(kernel);
  });
}

TEST(DescriptionArenaDeathTest, IsWritableUntilItIsComplete) {
  with_records_read_only([](ScriptedKernel&) {
    DescriptionArena arena(host_page());
    const void* small = arena.allocate(1, 1);
    const void* large = arena.allocate(kLarge, 1);
    EXPECT_TRUE(is_writable(small) && is_writable(large));
    ASSERT_TRUE(arena.make_read_only());
    EXPECT_FALSE(is_writable(small) || is_writable(large));
    RecordChange change;
    EXPECT_FALSE(is_writable(small)) << "it is no record";
  });
}

TEST(DescriptionArenaDeathTest, StaysWritableWhereRecordsDo) {
  in_fresh_process([] {
    ScriptedKernel kernel;
    DescriptionArena arena(host_page());
    const void* memory = arena.allocate(1, 1);
    ASSERT_TRUE(arena.make_read_only());
    EXPECT_TRUE(is_writable(memory));
  });
}

TEST(DescriptionArenaDeathTest, HasPagesOfItsOwnAndUnmapsThem) {
  with_records_read_only([](ScriptedKernel& kernel) {
    std::vector<AddressRange> runs;
    const void* memory = nullptr;
    {
      DescriptionArena arena(host_page());
      EXPECT_TRUE(runs_of(arena).empty()) << "nothing is mapped before the first use";
      memory = arena.allocate(1, 1);
      arena.allocate(kLarge, 1);
      runs = runs_of(arena);
      ASSERT_TRUE(arena.make_read_only());
    }
    ASSERT_EQ(runs.size(), 2u);
    for (AddressRange pages : runs) {
      EXPECT_EQ(host_page().down(pages.start), pages.start);
      EXPECT_EQ(host_page().up(pages.end), pages.end);
    }
    EXPECT_TRUE(runs[1].contains(Address(memory)));
    EXPECT_EQ(kernel.mapped_pages(), 0u);
  });
}

TEST(DescriptionArenaDeathTest, SaysThatTheKernelRefuses) {
  with_records_read_only([](ScriptedKernel& kernel) {
    DescriptionArena arena(host_page());
    arena.allocate(1, 1);
    kernel.fail_after(0, ENOMEM);
    Status refused = arena.make_read_only();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::kCannotProtect);
  });
}

}  // namespace
}  // namespace ldseal
