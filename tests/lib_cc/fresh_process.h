// A process in which nothing has happened yet, for what the loader remembers as long as it runs.
#pragma once

#include <cstdlib>
#include <gtest/gtest.h>

namespace ldseal::testing_tools {

// Runs `body` in a new process, which starts this very test anew; its failures are this test's.
template <class Body>
void in_fresh_process(const Body& body) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto run = [&] {
    body();
    std::exit(testing::Test::HasFailure() ? EXIT_FAILURE : EXIT_SUCCESS);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(EXIT_SUCCESS), "");
}

}  // namespace ldseal::testing_tools
