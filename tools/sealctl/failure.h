// How a subcommand gives up: with one line for standard error and an exit status.
#pragma once

#include <fmt/format.h>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sealctl {

enum ExitStatus {
  kDone = 0,
  kFinding = 1,       // something is not as it should be, or could not be done
  kUsage = 2,         // the command line is wrong
  kNotPermitted = 3,  // the kernel does not permit it to this user
  // Those of env(1), nice(1) and nohup(1), for `run`.
  kOwnFailure = 125,  // sealctl itself failed, or was used in a wrong way
  kCannotRun = 126,   // the command was found and cannot be run
  kNotFound = 127,    // there is no such command
};

class Failure : public std::runtime_error {
 public:
  Failure(ExitStatus status, const std::string& text) : std::runtime_error(text), status_(status) {}
  ExitStatus status() const { return status_; }

 private:
  ExitStatus status_;
};

// The failures of an argument that does not exist, and of one that is needed and missing.
inline Failure unknown(const char* kind, std::string_view word) {
  return {kOwnFailure, fmt::format("{}: unknown {}; --help lists what there is", word, kind)};
}

inline Failure missing(const char* name) {
  return {kOwnFailure, fmt::format("{}: argument is missing; --help shows usage", name)};
}

// The end of a command that has printed everything already, with this exit status.
struct Ended {
  ExitStatus status;
};

}  // namespace sealctl
