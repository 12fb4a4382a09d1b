#include "ldso/start/options.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/error_text.h"
#include "tests/lib_cc/initial_stack.h"

namespace ldseal {
namespace {

using testing_tools::InitialStack;
using testing_tools::texts_of;
using Texts = std::vector<std::string>;

// Reads a command line; `words` follow the loader's own name.
struct CommandLine {
  explicit CommandLine(Texts words)
      : stack_memory((words.insert(words.begin(), "ld-seal"), words), {"A=1"}) {
    stack = stack_memory.read();
    error = read_command_line(options, stack).error();
  }
  Texts left() const { return texts_of(stack.arguments); }
  InitialStack stack_memory;
  ProcessStack stack;
  Options options;
  Error error;
};

Error named(Fault f, const char* name) {
  Error e = fault(f);
  e.name = name;
  return e;
}

TEST(CommandLine, ProgramAndItsArgumentsAreLeft) {
  CommandLine line({"/bin/ls", "-l", "--list"});
  ASSERT_EQ(line.error, Error{});
  EXPECT_STREQ(line.options.program, "/bin/ls");
  EXPECT_TRUE(line.options.is_command);
  EXPECT_EQ(line.options.action, Action::kRun);
  EXPECT_EQ(line.left(), (Texts{"/bin/ls", "-l", "--list"}));
}

struct ActionCase {
  const char* word;
  Action action;
};
class ActionWord : public testing::TestWithParam<ActionCase> {};
INSTANTIATE_TEST_SUITE_P(Of, ActionWord,
                         testing::Values(ActionCase{"--list", Action::kList},
                                         ActionCase{"--verify", Action::kVerify},
                                         ActionCase{"--help", Action::kHelp},
                                         ActionCase{"--version", Action::kVersion}));
TEST_P(ActionWord, ChoosesWhatIsDone) {
  CommandLine line({GetParam().word, "/bin/ls"});
  ASSERT_EQ(line.error, Error{});
  EXPECT_EQ(line.options.action, GetParam().action);
}

struct ValueCase {
  const char* word;
  const char* Options::*member;
};
class ValueWord : public testing::TestWithParam<ValueCase> {};
INSTANTIATE_TEST_SUITE_P(Of, ValueWord,
                         testing::Values(ValueCase{"--library-path", &Options::library_path},
                                         ValueCase{"--preload", &Options::preload_option},
                                         ValueCase{"--audit", &Options::audit_option},
                                         ValueCase{"--argv0", &Options::argument_zero},
                                         ValueCase{"--glibc-hwcaps-prepend",
                                                   &Options::hwcaps_prepend},
                                         ValueCase{"--glibc-hwcaps-mask", &Options::hwcaps_mask}));
TEST_P(ValueWord, TakesTheNextWord) {
  CommandLine line({GetParam().word, "value", "/bin/ls"});
  ASSERT_EQ(line.error, Error{});
  EXPECT_STREQ(line.options.*GetParam().member, "value");
  EXPECT_STREQ(line.options.program, "/bin/ls");
}
TEST_P(ValueWord, MayBeJoinedByAnEqualsSign) {
  std::string joined = std::string(GetParam().word) + "=value=x";
  CommandLine line({joined, "/bin/ls"});
  ASSERT_EQ(line.error, Error{});
  EXPECT_STREQ(line.options.*GetParam().member, "value=x");
}
TEST_P(ValueWord, JoinedValueMayBeEmpty) {
  CommandLine line({std::string(GetParam().word) + "=", "/bin/ls"});
  ASSERT_EQ(line.error, Error{});
  EXPECT_STREQ(line.options.*GetParam().member, "");
}
TEST_P(ValueWord, WithoutValueIsAnError) {
  CommandLine line({GetParam().word});
  EXPECT_EQ(line.error, named(Fault::kMissingArgument, GetParam().word));
}

TEST(CommandLine, InhibitCacheIsRemembered) {
  EXPECT_TRUE(CommandLine({"--inhibit-cache", "/bin/ls"}).options.inhibit_cache);
  EXPECT_FALSE(CommandLine({"/bin/ls"}).options.inhibit_cache);
}
TEST(CommandLine, OptionsMayBeCombined) {
  CommandLine line(
      {"--inhibit-cache", "--library-path", "/l", "--preload=/p", "--list", "/bin/ls", "x"});
  ASSERT_EQ(line.error, Error{});
  EXPECT_TRUE(line.options.inhibit_cache);
  EXPECT_STREQ(line.options.library_path, "/l");
  EXPECT_STREQ(line.options.preload_option, "/p");
  EXPECT_EQ(line.options.action, Action::kList);
  EXPECT_EQ(line.left(), (Texts{"/bin/ls", "x"}));
}
TEST(CommandLine, ArgvZeroIsWhatTheProgramSees) {
  CommandLine line({"--argv0", "other", "/bin/ls", "x"});
  ASSERT_EQ(line.error, Error{});
  EXPECT_STREQ(line.options.program, "/bin/ls");
  EXPECT_EQ(line.left(), (Texts{"other", "x"}));
}
TEST(CommandLine, WhatIsRemovedIsRemembered) {
  CommandLine line({"--argv0", "other", "/bin/ls", "x"});
  EXPECT_STREQ(line.options.command_name, "ld-seal");
  EXPECT_EQ(line.options.dropped_arguments, 3u);
}
TEST(CommandLine, UnknownOptionIsAnErrorThatNamesIt) {
  EXPECT_EQ(CommandLine({"--unknown", "/bin/ls"}).error, named(Fault::kBadOption, "--unknown"));
  EXPECT_EQ(CommandLine({"--listing", "/bin/ls"}).error, named(Fault::kBadOption, "--listing"));
}
TEST(CommandLine, WordWithOneDashIsAProgram) {
  EXPECT_STREQ(CommandLine({"-x"}).options.program, "-x");
}
TEST(CommandLine, WithoutProgramIsAnError) {
  EXPECT_EQ(CommandLine(Texts{}).error, named(Fault::kMissingArgument, "PROGRAM"));
  EXPECT_EQ(CommandLine({"--list"}).error, named(Fault::kMissingArgument, "PROGRAM"));
}
TEST(CommandLine, HelpAndVersionNeedNoProgram) {
  EXPECT_EQ(CommandLine({"--help"}).error, Error{});
  EXPECT_EQ(CommandLine({"--version"}).error, Error{});
}
TEST(CommandLine, WithoutAnyWordIsAnError) {
  InitialStack memory({}, {});
  ProcessStack stack = memory.read();
  Options options;
  EXPECT_EQ(read_command_line(options, stack).error(), named(Fault::kMissingArgument, "PROGRAM"));
}

// Reads an environment.
struct Environment {
  explicit Environment(const Texts& variables, uint64_t secure = 0)
      : memory({"prog"}, variables, {{AT_SECURE, secure}, {AT_PAGESZ, 4096}}) {
    stack = memory.read();
    read_environment(options, stack);
  }
  Texts left() { return texts_of(memory.read().environment); }
  InitialStack memory;
  ProcessStack stack;
  Options options;
};

class VariableOfTheLoader : public testing::TestWithParam<ValueCase> {};
INSTANTIATE_TEST_SUITE_P(Of, VariableOfTheLoader,
                         testing::Values(ValueCase{"LD_LIBRARY_PATH",
                                                   &Options::library_path_variable},
                                         ValueCase{"LD_PRELOAD", &Options::preload_variable},
                                         ValueCase{"LD_DEBUG", &Options::debug},
                                         ValueCase{"LD_AUDIT", &Options::audit_variable},
                                         ValueCase{"LD_PROFILE", &Options::profiled},
                                         ValueCase{"LD_DEBUG_OUTPUT", &Options::debug_output}));
TEST_P(VariableOfTheLoader, IsHeeded) {
  Environment e({std::string(GetParam().word) + "=value"});
  EXPECT_STREQ(e.options.*GetParam().member, "value");
}
TEST_P(VariableOfTheLoader, EmptyIsAsGoodAsNone) {
  EXPECT_EQ(Environment({std::string(GetParam().word) + "="}).options.*GetParam().member, nullptr);
  EXPECT_EQ(Environment(Texts{}).options.*GetParam().member, nullptr);
}
TEST_P(VariableOfTheLoader, StaysInTheEnvironment) {
  std::string variable = std::string(GetParam().word) + "=value";
  EXPECT_EQ(Environment({"A=1", variable}).left(), (Texts{"A=1", variable}));
}

TEST(Environment, TraceLoadedObjectsLists) {
  EXPECT_EQ(Environment({"LD_TRACE_LOADED_OBJECTS=1"}).options.action, Action::kList);
  EXPECT_EQ(Environment({"LD_TRACE_LOADED_OBJECTS="}).options.action, Action::kList);
  EXPECT_EQ(Environment(Texts{}).options.action, Action::kRun);
}

TEST(Environment, DynamicWeakCountsWithAnEmptyValueToo) {
  EXPECT_FALSE(Environment({"LD_DYNAMIC=1"}).options.overrides_weak);
  EXPECT_TRUE(Environment({"LD_DYNAMIC_WEAK=1"}).options.overrides_weak);
  EXPECT_TRUE(Environment({"LD_DYNAMIC_WEAK="}).options.overrides_weak);
  EXPECT_FALSE(Environment({"LD_DYNAMIC_WEAK=1"}, 1).options.overrides_weak);
}

TEST(Environment, HasTheFirstAndTheLastOfAVariable) {
  Environment e({"LD_PRELOAD=a", "LD_LIBRARY_PATH=/a", "LD_PRELOAD=b", "LD_LIBRARY_PATH="});
  EXPECT_STREQ(e.options.first_preload_variable, "a");
  EXPECT_STREQ(e.options.preload_variable, "b");
  EXPECT_STREQ(e.options.first_library_path_variable, "/a");
  EXPECT_EQ(e.options.library_path_variable, nullptr);
}
TEST(Environment, HasTheFirstOfOurOwnVariables) {
  EXPECT_STREQ(Environment({"LDSEAL=on", "LDSEAL=off"}).options.policy, "on");
}

// glibc 2.43's list of unsecure variables, some that only older ones have, and what begins as ours do.
const Texts kUnsecure = {"GCONV_PATH",
                         "GETCONF_DIR",
                         "GLIBC_TUNABLES",
                         "HOSTALIASES",
                         "LD_AUDIT",
                         "LD_BIND_NOT",
                         "LD_BIND_NOW",
                         "LD_DEBUG",
                         "LD_DEBUG_OUTPUT",
                         "LD_DYNAMIC_WEAK",
                         "LD_HWCAP_MASK",
                         "LD_LIBRARY_PATH",
                         "LD_ORIGIN_PATH",
                         "LD_PREFER_MAP_32BIT_EXEC",
                         "LD_PRELOAD",
                         "LD_PROFILE",
                         "LD_PROFILE_OUTPUT",
                         "LD_SHOW_AUXV",
                         "LD_USE_LOAD_BIAS",
                         "LD_VERBOSE",
                         "LD_WARN",
                         "LD_",
                         "LD_NOBODY_KNOWS_IT",
                         "LDSEAL",
                         "LDSEAL_DEBUG",
                         "LDSEAL_GUARD",
                         "LDSEAL_NOBODY_KNOWS_IT",
                         "LOCALDOMAIN",
                         "LOCPATH",
                         "MALLOC_ARENA_MAX",
                         "MALLOC_ARENA_TEST",
                         "MALLOC_MMAP_MAX_",
                         "MALLOC_MMAP_THRESHOLD_",
                         "MALLOC_PERTURB_",
                         "MALLOC_TOP_PAD_",
                         "MALLOC_TRACE",
                         "MALLOC_TRIM_THRESHOLD_",
                         "NIS_PATH",
                         "NLSPATH",
                         "RESOLV_HOST_CONF",
                         "RES_OPTIONS",
                         "TMPDIR",
                         "TZDIR"};

class UnsecureVariable : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Of, UnsecureVariable, testing::ValuesIn(kUnsecure),
                         [](const auto& info) { return info.param; });
TEST_P(UnsecureVariable, IsTakenAwayInSecureMode) {
  EXPECT_EQ(Environment({"A=1", GetParam() + "=x", "B=2"}, 1).left(), (Texts{"A=1", "B=2"}));
}
TEST_P(UnsecureVariable, StaysOtherwise) {
  EXPECT_EQ(Environment({GetParam() + "=x"}, 0).left(), Texts{GetParam() + "=x"});
}

TEST(SecureMode, LeavesWhatOnlyLooksLikeAnUnsecureVariable) {
  const Texts others = {
      "LD=1",          "LD",         "L=1",       "LD_PRELOAD",      "LDSEAL",  "TMPDIR", "TZ=1",
      "\1D_PRELOAD=x", "ld_audit=x", "TMPDIRS=1", "MALLOC_CHECK_=3", "=LD_X=1", "=",      ""};
  EXPECT_EQ(Environment(others, 1).left(), others);
}
TEST(SecureMode, HeedsNothingOfTheEnvironmentButPreloads) {
  Environment e({"LD_LIBRARY_PATH=/l", "LD_PRELOAD=libp.so", "LD_DEBUG=all",
                 "LD_DEBUG_OUTPUT=/tmp/x", "LD_TRACE_LOADED_OBJECTS=1"},
                1);
  EXPECT_TRUE(e.options.secure);
  EXPECT_EQ(e.options.library_path, nullptr);
  EXPECT_EQ(e.options.debug, nullptr);
  EXPECT_EQ(e.options.debug_output, nullptr);
  EXPECT_STREQ(e.options.preload_variable, "libp.so");
}
TEST(SecureMode, LeavesTheAuxiliaryVectorBehindTheShorterEnvironment) {
  Environment e({"LD_LIBRARY_PATH=/l", "TMPDIR=/t", "A=1"}, 1);
  EXPECT_EQ(e.memory.read().value(AT_PAGESZ), 4096u);
  EXPECT_EQ(e.stack.value(AT_PAGESZ), 4096u);
}

}  // namespace
}  // namespace ldseal
