// A block has the initial values and the alignment of its image, and stays where it is.
#include "ldso/threads/tls_blocks.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/objects_with_tls.h"

namespace ldseal {
namespace {

using namespace testing_tools;

TEST(DynamicTls, ABlockBeginsWithTheImageAndThenZeros) {
  in_fresh_process([] {
    ProcessOnHost host;
    Module& m = ready_object(host, "a");
    EXPECT_EQ(tls_data(m), nullptr) << "no thread has used it";
    EXPECT_TRUE(has_initial_values(m, tls_address(m, 0)));
  });
}

TEST(DynamicTls, ABlockIsAlignedLikeItsImage) {
  in_fresh_process([] {
    ProcessOnHost host;
    for (uint64_t alignment = 1; alignment <= sizeof image / 2; alignment *= 2) {
      for (uint64_t skew : {uint64_t{0}, alignment / 2, uint64_t{1}}) {
        std::string name = std::to_string(alignment) + "+" + std::to_string(skew);
        Module& m = ready_object(host, name, 24, alignment, skew);
        void* block = tls_address(m, 0);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % alignment, skew % alignment) << name;
        EXPECT_TRUE(has_initial_values(m, block)) << name;
      }
    }
  });
}

// More objects than there are slots, and than a table holds at first.
constexpr size_t kManyObjects = 3 * kTlsSlots;

std::vector<Module*> many_objects(ProcessOnHost& host) {
  std::vector<Module*> modules;
  for (size_t i = 0; i < kManyObjects; ++i)
    modules.push_back(&ready_object(host, std::to_string(i)));
  return modules;
}

TEST(DynamicTls, BlocksStayWhereTheyAreWhileTheTableGrows) {
  in_fresh_process([] {
    ProcessOnHost host;
    std::vector<Module*> modules = many_objects(host);
    std::vector<void*> blocks;
    for (Module* m : modules) blocks.push_back(ask(*m, 0));
    for (size_t i = 0; i < kManyObjects; ++i) {
      EXPECT_EQ(ask(*modules[i], 0), blocks[i]) << i;
      EXPECT_TRUE(has_initial_values(*modules[i], blocks[i])) << i;
    }
  });
}

TEST(DynamicTls, ATableThatWasOutgrownStaysUntilTheThreadEnds) {
  in_fresh_process([] {
    ProcessOnHost host;
    std::vector<Module*> modules = many_objects(host);
    void* first = ask(*modules[0], 0);
    void** outgrown = thread_area().blocks;  // as a signal's handler has interrupted its reader
    for (Module* m : modules) ask(*m, 0);
    EXPECT_NE(thread_area().blocks, outgrown);
    EXPECT_EQ(outgrown[modules[0]->tls.opened_id], first);
  });
}

}  // namespace
}  // namespace ldseal
