// Runs a program of a root and waits for it, with a time limit.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/adopt/root.h"

namespace sealctl {

struct Start {
  std::vector<std::string> arguments;  // the first is the path in the root
  std::vector<std::string> environment =
      {};  // beside PATH and LC_ALL; the caller's is not passed on
  int seconds = 10;
  bool as_nobody = false;  // without privileges, in the root alone
};

struct Outcome {
  int error = 0;       // of chroot or execve, if the program could not be started
  int status = 0;      // as waitpid(2) gives it
  bool late = false;   // the time was up; it has been ended
  std::string output;  // standard output and standard error

  bool is_success() const { return error == 0 && !late && status == 0; }
  // One line: what went wrong, and the first line of the output.
  std::string text() const;
};

// Throws a Failure if no process can be made. Standard input is /dev/null where the root has one.
Outcome run(const Root& root, const Start& start);

}  // namespace sealctl
