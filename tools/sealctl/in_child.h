// Tries something in a child process: what it does to its memory is gone with it, and a signal that
// kills it kills nothing else.
#pragma once

#include <functional>

namespace sealctl {

constexpr int kChildKilled = -1;

// Returns the result of `work`, 0 to 255, or kChildKilled if a signal has ended the child or there
// could be none. `work` must not take locks if there are threads.
int in_child(const std::function<int()>& work);

}  // namespace sealctl
