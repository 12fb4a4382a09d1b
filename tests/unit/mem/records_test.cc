// mem/records: read-only except in changes, however many there are at a time.
#include "ldso/mem/records.h"

#include <fcntl.h>
#include <optional>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ldso/mem/heap.h"
#include "ldso/mem/mapping.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal {
namespace {

using namespace testing_tools;

// The kernel cannot write where nobody can.
bool is_writable(Address at) {
  static const int zeroes = open("/dev/zero", O_RDONLY);
  return read(zeroes, at.as<void>(), 1) == 1;
}
bool is_image_writable() { return is_writable(records_in_image().end - ByteCount(1)); }

// In a process in which they have just become read-only.
template <class Body>
void with_records(const Body& body) {
  in_fresh_process([&] {
    ScriptedKernel kernel;
    set_up_records();
    void* elsewhere = record_heap.allocate(size_t{100} << 10);
    keep_records_read_only();
    ASSERT_TRUE(change_protection(records_in_image(), PROT_READ));
    body(kernel, Address(elsewhere));
  });
}

// Small ones begin where the variables end, so that both need one page.
TEST(RecordsDeathTest, LargeOnesLieAtTheOtherEndOfTheImage) {
  in_fresh_process([] {
    set_up_records();
    constexpr ByteCount kSmall{64}, kLarge{4000};
    AddressRange small = take_record_memory(kSmall), large = take_record_memory(kLarge);
    AddressRange next = take_record_memory(kSmall), next_large = take_record_memory(kLarge);
    AddressRange rest = take_record_memory(ByteCount(0));
    EXPECT_EQ(next.start, small.end);
    EXPECT_EQ(rest.start, next.end);
    EXPECT_EQ(next_large.start, rest.end);
    EXPECT_EQ(large.start, next_large.end);
    EXPECT_EQ(large.end, records_in_image().end);
    EXPECT_TRUE(take_record_memory(ByteCount(1)).empty());
  });
}

TEST(RecordsDeathTest, AreReadOnlyOutsideOfChanges) {
  with_records([](ScriptedKernel&, Address elsewhere) {
    EXPECT_FALSE(is_image_writable());
    EXPECT_FALSE(is_writable(elsewhere));
  });
}
TEST(RecordsDeathTest, AreWritableInAChangeAndReadOnlyBehindIt) {
  with_records([](ScriptedKernel&, Address elsewhere) {
    {
      RecordChange change;
      EXPECT_TRUE(is_image_writable());
      EXPECT_TRUE(is_writable(elsewhere));
    }
    EXPECT_FALSE(is_image_writable());
    EXPECT_FALSE(is_writable(elsewhere));
  });
}
TEST(RecordsDeathTest, StayWritableUntilTheLastOfSeveralChangesEnds) {
  with_records([](ScriptedKernel&, Address) {
    std::optional<RecordChange> first, second;
    first.emplace();
    second.emplace();
    first.reset();
    EXPECT_TRUE(is_image_writable());
    second.reset();
    EXPECT_FALSE(is_image_writable());
  });
}
// Each handler has a change, in whose middle the next one comes.
TEST(RecordsDeathTest, AreWritableInEachOfSeveralSignalHandlersInAHandler) {
  for (int deepest : {1, 2, 3}) {
    with_records([deepest](ScriptedKernel& kernel, Address elsewhere) {
      int depth = 0, handlers = 0;
      kernel.set_handler([&] {
        if (depth == deepest) return;
        ++depth;
        ++handlers;
        {
          RecordChange change;
          EXPECT_TRUE(is_image_writable() && is_writable(elsewhere)) << "depth " << depth;
        }
        --depth;
      });
      {
        RecordChange change;
        EXPECT_TRUE(is_image_writable() && is_writable(elsewhere));
      }
      EXPECT_GE(handlers, 4 * deepest);
      EXPECT_FALSE(is_image_writable() || is_writable(elsewhere));
    });
  }
}
TEST(RecordsDeathTest, PagesThatCameInAChangeAreReadOnlyBehindIt) {
  with_records([](ScriptedKernel&, Address) {
    void* fresh = nullptr;
    {
      RecordChange change;
      fresh = record_heap.allocate(size_t{200} << 10);
    }
    EXPECT_FALSE(is_writable(Address(fresh)));
  });
}
TEST(RecordsDeathTest, ChangesOfThreadsThatAreNotInAChildAreForgottenThere) {
  with_records([](ScriptedKernel&, Address) {
    auto* change = new RecordChange;
    // As if another thread had it: the first word behind the link names the thread.
    reinterpret_cast<uintptr_t*>(change)[1] += 1;
    pid_t child = fork();
    if (child == 0) {
      forget_record_changes_of_others();
      _exit(is_image_writable() ? 1 : 0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(is_image_writable());
  });
}
TEST(RecordsDeathTest, BeforeTheyAreReadOnlyAChangeDoesNothing) {
  in_fresh_process([] {
    ScriptedKernel kernel;
    set_up_records();
    size_t calls = kernel.calls().size();
    { RecordChange change; }
    EXPECT_EQ(kernel.calls().size(), calls);
    EXPECT_TRUE(is_image_writable());
  });
}

}  // namespace
}  // namespace ldseal
