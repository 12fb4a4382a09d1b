// How a subcommand gives up: with one line for standard error and an exit status.
#pragma once

#include <fmt/format.h>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sealctl {

// The exit statuses of env(1), nice(1) and nohup(1), which differ from those of most commands.
enum ExitStatus {
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

}  // namespace sealctl
