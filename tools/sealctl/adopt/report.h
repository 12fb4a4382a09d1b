// What a command prints about many files: a line for each that it leaves, a sum for the others.
#pragma once

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

#include "tools/sealctl/adopt/refused.h"

namespace sealctl {

class Report {
 public:
  // One line on standard error.
  void refused(std::string_view shown, const Refused& refused) {
    fmt::print(stderr, "sealctl: {}: {}\n", shown, refused.what());
    status_ = std::max(status_, refused.status());
  }

  // One more file with which `what` ("adopted", "released") has been done.
  void changed(std::string_view what) { ++changed_[std::string(what)]; }

  // Prints the sums; returns the highest status.
  ExitStatus finish() const {
    for (const auto& [what, count] : changed_)
      fmt::print("{} {} program{}\n", what, count, count == 1 ? "" : "s");
    return status_;
  }

 private:
  std::map<std::string, size_t> changed_;
  ExitStatus status_ = kDone;
};

}  // namespace sealctl
