// What libc is asked for in place of the program's attributes, and what a program is told
// afterwards.
#include "ldso/threads/stack_guards.h"

#include <gtest/gtest.h>
#include <ldseal/classes.h>
#include <pthread.h>

#include "ldso/mem/guards.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/process_on_host.h"

namespace ldseal {
namespace {

using testing_tools::in_fresh_process;
using testing_tools::ProcessOnHost;

constexpr size_t kMebibyte = size_t{1} << 20;

uint64_t page() { return process.page.value; }

uint64_t real_guard(uint64_t told) {
  constexpr uint64_t kWide = uint64_t{64} << 10;
  return process.page.up(std::max(told, kWide));
}

// A program's own.
struct Attributes {
  pthread_attr_t value;
  Attributes() { pthread_attr_init(&value); }
  Attributes(size_t size, size_t guard) : Attributes() {
    EXPECT_EQ(pthread_attr_setstacksize(&value, size), 0);
    EXPECT_EQ(pthread_attr_setguardsize(&value, guard), 0);
  }
  ~Attributes() { pthread_attr_destroy(&value); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
};

size_t stack_size(const void* attributes) {
  size_t size = 0;
  EXPECT_EQ(pthread_attr_getstacksize(static_cast<const pthread_attr_t*>(attributes), &size), 0);
  return size;
}

size_t guard_size(const void* attributes) {
  size_t size = 0;
  EXPECT_EQ(pthread_attr_getguardsize(static_cast<const pthread_attr_t*>(attributes), &size), 0);
  return size;
}

// In a process whose guards are chosen by this word of LDSEAL_GUARD.
template <class Body>
void with_guards(const char* word, const Body& body) {
  in_fresh_process([&] {
    ProcessOnHost host;
    ASSERT_TRUE(choose_stack_guards(word));
    body();
  });
}

// Where the kernel has guards in the page table.
bool are_there_guards() { return guards_hold(testing_tools::host_page()); }

TEST(StackAttributes, AskForTheStackAndTheGuardInOnePiece) {
  if (!are_there_guards()) GTEST_SKIP() << "this kernel has no MADV_GUARD_INSTALL";
  with_guards("madv", [] {
    Attributes asked(kMebibyte, 4 * page());
    StackAttributes changed(&asked.value);
    EXPECT_EQ(changed.guard().kind, GuardKind::kWanted);
    EXPECT_EQ(changed.guard().reported.value, 4 * page());
    EXPECT_EQ(changed.guard().length.value, real_guard(4 * page()));
    EXPECT_EQ(changed.guard().block.value, kMebibyte + real_guard(4 * page()));
    EXPECT_EQ(stack_size(changed.pointer()), changed.guard().block.value);
    EXPECT_EQ(guard_size(changed.pointer()), 0u);
  });
}

TEST(StackAttributes, LeaveTheProgramsOwnAsTheyAre) {
  with_guards(nullptr, [] {
    Attributes asked(kMebibyte, page());
    StackAttributes changed(&asked.value);
    EXPECT_NE(changed.pointer(), &asked.value);
    EXPECT_EQ(stack_size(&asked.value), kMebibyte);
    EXPECT_EQ(guard_size(&asked.value), page());
  });
}

TEST(StackAttributes, ThatAreNotGivenAreTheDefaults) {
  if (!are_there_guards()) GTEST_SKIP() << "this kernel has no MADV_GUARD_INSTALL";
  with_guards("madv", [] {
    pthread_attr_t defaults;
    ASSERT_EQ(pthread_getattr_default_np(&defaults), 0);
    StackAttributes changed(nullptr);
    ASSERT_NE(changed.pointer(), nullptr);
    uint64_t stack = stack_size(&defaults);
    EXPECT_EQ(stack_size(changed.pointer()), stack + changed.guard().length.value);
    EXPECT_EQ(changed.guard().reported.value, guard_size(&defaults));
    pthread_attr_destroy(&defaults);
  });
}

TEST(StackAttributes, CutTheSizeAsGlibcDoes) {
  if (!are_there_guards()) GTEST_SKIP() << "this kernel has no MADV_GUARD_INSTALL";
  with_guards("madv", [] {
    Attributes asked(kMebibyte + 129, 1);
    StackAttributes changed(&asked.value);
    EXPECT_EQ(changed.guard().reported.value, page());
    EXPECT_EQ(changed.guard().block.value, kMebibyte + 128 + real_guard(page()));
  });
}

TEST(StackAttributes, WithoutAGuardStayAsTheyAre) {
  with_guards(nullptr, [] {
    Attributes asked(kMebibyte, 0);
    StackAttributes changed(&asked.value);
    EXPECT_EQ(changed.guard().kind, GuardKind::kLibcs);
    EXPECT_EQ(changed.pointer(), &asked.value);
  });
}

TEST(StackAttributes, LeaveALargeGuardToLibc) {
  if (!are_there_guards()) GTEST_SKIP() << "this kernel has no MADV_GUARD_INSTALL";
  with_guards("madv", [] {
    Attributes largest(kMebibyte, kMebibyte), larger(kMebibyte, kMebibyte + 1);
    EXPECT_EQ(StackAttributes(&largest.value).guard().kind, GuardKind::kWanted);
    StackAttributes changed(&larger.value);
    EXPECT_EQ(changed.guard().kind, GuardKind::kLibcs);
    EXPECT_EQ(guard_size(changed.pointer()), guard_size(&larger.value));
  });
}

TEST(StackAttributes, LeaveEveryGuardToLibcThatIsToMakeThem) {
  for (const char* word : {"off", "prot"}) {
    with_guards(word, [] {
      Attributes asked(kMebibyte, 4 * page());
      StackAttributes changed(&asked.value);
      EXPECT_EQ(changed.guard().kind, GuardKind::kLibcs);
      EXPECT_EQ(changed.pointer(), &asked.value);
    });
  }
}

TEST(StackAttributes, AnExemptionLeavesGuardsToLibc) {
  in_fresh_process([] {
    ProcessOnHost host;
    process.policy.exempt = LDSEAL_CLASS_GUARDS;
    StackAttributes changed(nullptr);
    EXPECT_EQ(changed.guard().kind, GuardKind::kLibcs);
  });
}

TEST(StackAttributes, LeaveAStackOfTheProgramsOwnAlone) {
  with_guards(nullptr, [] {
    alignas(64) static unsigned char stack[kMebibyte];
    Attributes asked;
    ASSERT_EQ(pthread_attr_setstack(&asked.value, stack, sizeof stack), 0);
    StackAttributes changed(&asked.value);
    EXPECT_EQ(changed.pointer(), &asked.value);
    EXPECT_EQ(changed.guard().kind, GuardKind::kLibcs);
    EXPECT_EQ(changed.guard().block.value, 0u);
  });
}

TEST(StackAttributes, LeaveSizesAloneThatNoAddressSpaceHas) {
  with_guards(nullptr, [] {
    constexpr size_t kLargest = size_t{1} << 62;
    for (auto [size, guard] : {std::pair{kLargest + 1, page()},
                               {kMebibyte, kLargest + 1},
                               {SIZE_MAX, SIZE_MAX},
                               {SIZE_MAX & ~size_t{0xfff}, page()}}) {
      Attributes asked(size, guard);
      StackAttributes changed(&asked.value);
      EXPECT_EQ(changed.pointer(), &asked.value) << size << " " << guard;
      EXPECT_EQ(changed.guard().block.value, 0u);
    }
  });
}

TEST(StackAttributes, OfAMachineWithoutTheFunctionsAreTheProgramsOwn) {
  in_fresh_process([] {
    testing_tools::MadeUpProcess without_libc;
    Attributes asked(kMebibyte, page());
    EXPECT_EQ(StackAttributes(&asked.value).pointer(), &asked.value);
  });
}

TEST(ChooseStackGuards, RefusesAWordThatItDoesNotKnow) {
  with_guards(nullptr, [] {
    for (const char* word : {"", "madvise", "AUTO", "of"}) {
      Status s = choose_stack_guards(word);
      ASSERT_FALSE(s) << word;
      EXPECT_EQ(s.error().fault, Fault::kUnknownGuardWord);
      EXPECT_STREQ(s.error().name, word);
    }
  });
}

TEST(ShowGuard, TellsTheStackAboveTheGuard) {
  with_guards(nullptr, [] {
    constexpr uint64_t kTop = 0x7000'0000, kBlock = 0x20'0000, kLibcsSize = 0x30'0000;
    Attributes answer;
    auto* lowest = reinterpret_cast<void*>(kTop - kLibcsSize);
    ASSERT_EQ(pthread_attr_setstack(&answer.value, lowest, kLibcsSize), 0);
    StackGuard guard;
    guard.kind = GuardKind::kPageTable;
    guard.reported = ByteCount(page());
    guard.length = ByteCount(4 * page());
    guard.block = ByteCount(kBlock);
    show_guard(&answer.value, guard);
    void* start = nullptr;
    size_t size = 0;
    ASSERT_EQ(pthread_attr_getstack(&answer.value, &start, &size), 0);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(start), kTop - kBlock + 4 * page());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(start) + size, kTop);
    EXPECT_EQ(guard_size(&answer.value), page());
  });
}

TEST(ShowGuard, ChangesNothingWhereTheGuardIsLibcs) {
  with_guards(nullptr, [] {
    Attributes answer(kMebibyte, 2 * page());
    show_guard(&answer.value, StackGuard());
    EXPECT_EQ(stack_size(&answer.value), kMebibyte);
    EXPECT_EQ(guard_size(&answer.value), 2 * page());
  });
}

}  // namespace
}  // namespace ldseal
