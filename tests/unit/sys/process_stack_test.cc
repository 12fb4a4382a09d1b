#include "ldso/sys/process_stack.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "ldso/base/text.h"
#include "tests/lib_cc/initial_stack.h"

namespace ldseal {
namespace {

using testing_tools::InitialStack;
using testing_tools::texts_of;
using Texts = std::vector<std::string>;

// What anybody who reads the stack from its start again would find.
void expect_read_again(InitialStack& stack, const Texts& arguments, const Texts& environment,
                       const InitialStack::Auxiliary& auxiliary) {
  ProcessStack again = stack.read();
  EXPECT_EQ(again.argument_count(), arguments.size());
  EXPECT_EQ(texts_of(again.arguments), arguments);
  EXPECT_EQ(texts_of(again.environment), environment);
  ASSERT_EQ(again.auxiliary_count, auxiliary.size() + 1);
  for (size_t i = 0; i < auxiliary.size(); ++i) {
    EXPECT_EQ(again.auxiliary[i].a_type, auxiliary[i].first);
    EXPECT_EQ(again.auxiliary[i].a_un.a_val, auxiliary[i].second);
  }
}

const InitialStack::Auxiliary kAuxiliary = {{AT_PAGESZ, 4096}, {AT_ENTRY, 0x1234}, {AT_SECURE, 0}};

TEST(ReadProcessStack, FindsItsThreeParts) {
  InitialStack stack({"prog", "-x"}, {"A=1", "B=2"}, kAuxiliary);
  expect_read_again(stack, {"prog", "-x"}, {"A=1", "B=2"}, kAuxiliary);
}
TEST(ReadProcessStack, EveryPartMayBeEmpty) {
  InitialStack stack({}, {});
  expect_read_again(stack, {}, {}, {});
}

TEST(AuxiliaryVector, GivesTheValueOfAnEntry) {
  InitialStack stack({}, {}, kAuxiliary);
  EXPECT_EQ(stack.read().value(AT_ENTRY), 0x1234u);
}
TEST(AuxiliaryVector, GivesWhatIsAskedForAnAbsentEntry) {
  InitialStack stack({}, {}, kAuxiliary);
  EXPECT_EQ(stack.read().value(AT_HWCAP2, 77), 77u);
  EXPECT_EQ(stack.read().find(AT_HWCAP2), nullptr);
}
TEST(AuxiliaryVector, EntriesAreFoundInPlace) {
  InitialStack stack({}, {}, kAuxiliary);
  stack.read().find(AT_ENTRY)->a_un.a_val = 0x5678;
  EXPECT_EQ(stack.read().value(AT_ENTRY), 0x5678u);
}

TEST(Variable, IsTheTextBehindTheEqualsSign) {
  InitialStack stack({}, {"PATH=/bin", "HOME=/root"});
  EXPECT_STREQ(stack.read().variable("HOME"), "/root");
}
TEST(Variable, MayBeEmpty) {
  InitialStack stack({}, {"HOME="});
  EXPECT_STREQ(stack.read().variable("HOME"), "");
}
TEST(Variable, IsTheFirstOfItsName) {
  InitialStack stack({}, {"A=1", "A=2"});
  EXPECT_STREQ(stack.read().variable("A"), "1");
}
TEST(Variable, OfALongerOrShorterNameIsAnother) {
  InitialStack stack({}, {"HOMER=x", "HOM=y", "HOME"});
  EXPECT_EQ(stack.read().variable("HOME"), nullptr);
}

bool is_preload(const char* entry) { return starts_with(entry, "LD_PRELOAD="); }
bool is_policy(const char* entry) { return starts_with(entry, "LDSEAL="); }

TEST(RemoveVariables, TakesEveryOneThatIsUnwantedAndMovesTheAuxiliaryVector) {
  InitialStack stack({"prog"}, {"A=1", "LD_PRELOAD=x", "B=2", "LD_PRELOAD=y"}, kAuxiliary);
  ProcessStack read = stack.read();
  read.remove_variables(is_preload);
  expect_read_again(stack, {"prog"}, {"A=1", "B=2"}, kAuxiliary);
  EXPECT_EQ(read.auxiliary, stack.read().auxiliary);
  EXPECT_EQ(read.value(AT_ENTRY), 0x1234u);
}
TEST(RemoveVariables, LeavesEverythingWhereItIsWhenThereIsNone) {
  InitialStack stack({"prog"}, {"LD_PRELOADED=1"}, kAuxiliary);
  ProcessStack read = stack.read();
  AuxiliaryEntry* before = read.auxiliary;
  read.remove_variables(is_preload);
  expect_read_again(stack, {"prog"}, {"LD_PRELOADED=1"}, kAuxiliary);
  EXPECT_EQ(read.auxiliary, before);
}

TEST(PutBackVariable, IsTheLastOneAndTheAuxiliaryVectorIsBehindIt) {
  InitialStack stack({"prog"}, {"LD_PRELOAD=x", "A=1", "B=2"}, kAuxiliary);
  ProcessStack read = stack.read();
  char* removed = read.environment[0];
  read.remove_variables(is_preload);
  read.put_back_variable(removed);
  expect_read_again(stack, {"prog"}, {"A=1", "B=2", "LD_PRELOAD=x"}, kAuxiliary);
  EXPECT_EQ(read.auxiliary, stack.read().auxiliary);
  EXPECT_EQ(read.value(AT_ENTRY), 0x1234u);
}
TEST(PutBackVariable, MayBeTheOnlyOne) {
  InitialStack stack({"prog"}, {"LD_PRELOAD=x"}, kAuxiliary);
  ProcessStack read = stack.read();
  char* removed = read.environment[0];
  read.remove_variables(is_preload);
  read.put_back_variable(removed);
  expect_read_again(stack, {"prog"}, {"LD_PRELOAD=x"}, kAuxiliary);
}

TEST(ForgetVariables, TakesEveryOneThatIsUnwantedAndLeavesTheAuxiliaryVectorInItsPlace) {
  InitialStack stack({"prog"}, {"A=1", "LDSEAL=off", "B=2", "LDSEAL=on"}, kAuxiliary);
  ProcessStack read = stack.read();
  AuxiliaryEntry* before = read.auxiliary;
  read.forget_variables(is_policy);
  EXPECT_EQ(texts_of(read.environment), (Texts{"A=1", "B=2"}));
  EXPECT_EQ(read.auxiliary, before);
  EXPECT_EQ(read.value(AT_ENTRY), 0x1234u);
}
TEST(ForgetVariables, LeavesNothingButNullsBehindTheRest) {
  InitialStack stack({"prog"}, {"LDSEAL=off", "B=2"}, kAuxiliary);
  ProcessStack read = stack.read();
  read.forget_variables(is_policy);
  EXPECT_EQ(read.environment[1], nullptr);
  EXPECT_EQ(read.environment[2], nullptr);
}

TEST(ReadUsedProcessStack, FindsTheAuxiliaryVectorBehindVariablesThatWereTakenAway) {
  InitialStack stack({"prog"}, {"A=1", "LDSEAL=off", "LDSEAL=on"}, kAuxiliary);
  ProcessStack before = stack.read();
  before.forget_variables(is_policy);
  ProcessStack used = read_used_process_stack(stack.start());
  EXPECT_EQ(texts_of(used.environment), Texts{"A=1"});
  EXPECT_EQ(used.auxiliary, before.auxiliary);
  EXPECT_EQ(used.auxiliary_count, kAuxiliary.size() + 1);
}
TEST(ReadUsedProcessStack, ReadsAStackThatNobodyChangedAlike) {
  InitialStack stack({"prog"}, {"A=1"}, kAuxiliary);
  ProcessStack used = read_used_process_stack(stack.start());
  EXPECT_EQ(texts_of(used.environment), Texts{"A=1"});
  EXPECT_EQ(used.auxiliary, stack.read().auxiliary);
}

TEST(DropArguments, MovesEverythingDownToTheSameStart) {
  InitialStack stack({"loader", "--list", "prog", "x"}, {"A=1"}, kAuxiliary);
  ProcessStack read = stack.read();
  read.drop_arguments(2);
  EXPECT_EQ(read.start, stack.start());
  expect_read_again(stack, {"prog", "x"}, {"A=1"}, kAuxiliary);
  EXPECT_EQ(texts_of(read.arguments), (Texts{"prog", "x"}));
  EXPECT_EQ(texts_of(read.environment), Texts{"A=1"});
  EXPECT_EQ(read.value(AT_ENTRY), 0x1234u);
}
TEST(DropArguments, OfMoreThanThereAreDropsAll) {
  InitialStack stack({"loader"}, {"A=1"}, kAuxiliary);
  ProcessStack read = stack.read();
  read.drop_arguments(5);
  expect_read_again(stack, {}, {"A=1"}, kAuxiliary);
}
TEST(DropArguments, OfNoneChangesNothing) {
  InitialStack stack({"prog"}, {"A=1"}, kAuxiliary);
  ProcessStack read = stack.read();
  read.drop_arguments(0);
  expect_read_again(stack, {"prog"}, {"A=1"}, kAuxiliary);
}

// A copy of a stack with room below it, as the kernel's has.
struct RoomyStack {
  explicit RoomyStack(InitialStack& initial, size_t words) {
    start = memory + kRoom;
    std::copy_n(initial.start(), words, start);
    stack = read_process_stack(start);
  }
  static constexpr size_t kRoom = 32;
  alignas(16) uintptr_t memory[2 * kRoom] = {};
  uintptr_t* start;
  ProcessStack stack;
};

// argc, four pointers, a null, one pointer, a null, and four entries.
constexpr size_t kWordsOfFour = 8 + 2 * 4;

void expect_restored(const ProcessStack& restored, const Texts& arguments) {
  ProcessStack again = read_process_stack(restored.start);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(restored.start) % 16, 0u);
  EXPECT_EQ(again.argument_count(), arguments.size());
  EXPECT_EQ(texts_of(again.arguments), arguments);
  EXPECT_EQ(texts_of(again.environment), Texts{"A=1"});
  EXPECT_EQ(again.auxiliary_count, kAuxiliary.size() + 1);
  EXPECT_EQ(again.value(AT_ENTRY), 0x1234u);
  EXPECT_EQ(again.auxiliary, restored.auxiliary);
}

TEST(RestoreArguments, OfAllThatWereDroppedBringsTheStartBack) {
  InitialStack initial({"loader", "--list", "prog", "x"}, {"A=1"}, kAuxiliary);
  RoomyStack roomy(initial, kWordsOfFour);
  roomy.stack.drop_arguments(2);
  const char* first[] = {"loader", "--list", "prog"};
  roomy.stack.restore_arguments(first, 2);
  EXPECT_EQ(roomy.stack.start, roomy.start);
  expect_restored(roomy.stack, {"loader", "--list", "prog", "x"});
}
TEST(RestoreArguments, OfFewerLeavesTheEndWhereItWas) {
  InitialStack initial({"loader", "--list", "prog", "x"}, {"A=1"}, kAuxiliary);
  RoomyStack roomy(initial, kWordsOfFour);
  roomy.stack.drop_arguments(2);
  const char* first[] = {"prog"};
  roomy.stack.restore_arguments(first, 2);
  EXPECT_EQ(roomy.stack.start, roomy.start + 2);
  expect_restored(roomy.stack, {"prog", "x"});
}
TEST(RestoreArguments, OfMoreGrowsDownToAnAlignedStart) {
  InitialStack initial({"loader", "--list", "prog", "x"}, {"A=1"}, kAuxiliary);
  RoomyStack roomy(initial, kWordsOfFour);
  roomy.stack.drop_arguments(2);
  const char* first[] = {"loader", "--list", "value", "prog"};
  roomy.stack.restore_arguments(first, 2);
  EXPECT_EQ(roomy.stack.start, roomy.start - 2);
  expect_restored(roomy.stack, {"loader", "--list", "value", "prog", "x"});
}

TEST(SetAuxiliary, ChangesAnEntryThatIsThereAndNothingElse) {
  InitialStack stack({"prog"}, {}, kAuxiliary);
  ProcessStack read = stack.read();
  read.set(AT_ENTRY, 5);
  read.set(AT_BASE, 6);
  expect_read_again(stack, {"prog"}, {}, {{AT_PAGESZ, 4096}, {AT_ENTRY, 5}, {AT_SECURE, 0}});
}

}  // namespace
}  // namespace ldseal
