// Why one file is left as it is. The text does not name the file; the report does.
#pragma once

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tools/sealctl/failure.h"

namespace sealctl {

class Refused : public std::runtime_error {
 public:
  explicit Refused(const std::string& reason, ExitStatus status = kFinding)
      : std::runtime_error(reason), status_(status) {}
  ExitStatus status() const { return status_; }

 private:
  ExitStatus status_;
};

// The exit status for a system call that failed with `error`.
inline ExitStatus status_of(int error) {
  return error == EPERM || error == EACCES ? kNotPermitted : kFinding;
}

// The refusal of the system call that has just failed; `what` is "cannot open", "cannot rename"….
inline Refused refused_by_kernel(std::string_view what) {
  const int error = errno;
  return Refused(fmt::format("{}: {}", what, std::strerror(error)), status_of(error));
}

// The same for what has to do with a whole command: `path` is the object.
inline Failure failed_by_kernel(std::string_view path, std::string_view what) {
  const int error = errno;
  return {status_of(error), fmt::format("{}: {}: {}", path, what, std::strerror(error))};
}

}  // namespace sealctl
