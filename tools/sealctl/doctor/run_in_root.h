// Runs a program of the root that is looked at, with as little power as it needs.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/doctor/root.h"

namespace sealctl::doctor {

struct Ran {
  enum class End { kExited, kKilled, kTimedOut, kNotStarted };
  End end = End::kNotStarted;
  int number = 0;      // exit status, signal, or errno
  std::string output;  // both of its outputs, cut off when it is long

  bool succeeded() const { return end == End::kExited && number == 0; }
};

// Runs `words`, of which the first is a path in the root, with the variables `variables` and
// nothing on its standard input. In another root than "/" it gets that as its root folder, and it
// gets no privileges: a root that someone else has made may hold any program.
Ran run_in_root(const Root& root, const std::vector<std::string>& words,
                const std::vector<std::string>& variables);

// "exit status 1", "killed by signal 11", …
std::string text_of(const Ran& ran);

}  // namespace sealctl::doctor
