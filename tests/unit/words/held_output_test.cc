// Output that waits until it is certain who runs the program.
#include "ldso/words/held_output.h"

#include <gtest/gtest.h>

#include "ldso/words/report.h"
#include "tests/lib_cc/heap_arena.h"
#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal {
namespace {

using testing_tools::HeapArena;
using testing_tools::ScriptedKernel;

TEST(HeldOutput, IsWrittenAtOnceWhereNothingIsHeld) {
  ScriptedKernel kernel;
  write_or_hold(2, "one\n");
  EXPECT_EQ(kernel.written(), "one\n");
  release_output();
  EXPECT_EQ(kernel.written(), "one\n");
}

TEST(HeldOutput, IsWrittenInItsOrderWhenItIsReleased) {
  ScriptedKernel kernel;
  HeapArena arena;
  hold_output(arena);
  for (const char* text : {"one\n", "two\n", "three\n"}) write_or_hold(2, text);
  EXPECT_EQ(kernel.written(), "");
  release_output();
  EXPECT_EQ(kernel.written(), "one\ntwo\nthree\n");
  write_or_hold(2, "four\n");
  EXPECT_EQ(kernel.written(), "one\ntwo\nthree\nfour\n");
}

TEST(HeldOutput, IsCopiedBecauseTheBufferOfALineIsUsedAgain) {
  ScriptedKernel kernel;
  HeapArena arena;
  hold_output(arena);
  char line[] = "one\n";
  write_or_hold(2, line);
  line[0] = 'x';
  release_output();
  EXPECT_EQ(kernel.written(), "one\n");
}

TEST(HeldOutput, IsNeverWrittenOnceItIsForgotten) {
  ScriptedKernel kernel;
  HeapArena arena;
  hold_output(arena);
  write_or_hold(2, "one\n");
  forget_output();
  release_output();
  EXPECT_EQ(kernel.written(), "");
}

TEST(HeldOutput, HoldsWhatIsIgnoredAndNoErrors) {
  ScriptedKernel kernel;
  HeapArena arena;
  Error e = fault(Fault::kUnknownDebugWord);
  e.name = "nonsense";
  hold_output(arena);
  report_ignored(e);
  EXPECT_EQ(kernel.written(), "");
  report(e);
  EXPECT_FALSE(kernel.written().ends_with("(ignored)\n"));
  release_output();
  EXPECT_TRUE(kernel.written().ends_with("(ignored)\n"));
}

}  // namespace
}  // namespace ldseal
