#include "tests/lib_cc/loading.h"

namespace ldseal::testing_tools {

void fail_every_call(
    const std::function<void(ScriptedKernel&)>& prepare,
    const std::function<Error(ScriptedKernel&)>& attempt,
    const std::function<void(const std::string& call, const Error& error)>& check) {
  constexpr size_t kMostCalls = 1000;
  constexpr int kRefusal = 5;  // EIO: nothing in the loader may take it for "not there"
  for (size_t n = 0; n < kMostCalls; ++n) {
    ScriptedKernel kernel;
    prepare(kernel);
    size_t before = kernel.failable_calls();
    kernel.fail_after(n, kRefusal);
    NothingLeft nothing_left(kernel);
    Error error = attempt(kernel);
    bool all_were_made = kernel.failable_calls() - before <= n;
    if (all_were_made) {
      EXPECT_EQ(error, Error{}) << "though no call was refused";
      EXPECT_GT(n, 0u) << "it makes no call at all";
      return;
    }
    SCOPED_TRACE(testing::Message() << "call " << n << ", " << kernel.refused_call());
    check(kernel.refused_call(), error);
    if (error.fault != Fault::kNone) nothing_left.check();
  }
  FAIL() << "it never succeeds";
}

}  // namespace ldseal::testing_tools
