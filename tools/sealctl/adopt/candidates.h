// Which programs a command line means: the files it names and those below the folders it names.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/sealctl/adopt/root.h"

namespace sealctl {

struct Candidate {
  std::string path;          // as given, or found below a folder
  bool is_named = false;     // given, so that a reason not to adopt it is worth a line
  bool is_recorded = false;  // from the record
};

// The candidates, without those that a pattern excludes. Symbolic links below folders are left out:
// what they lead to has a place elsewhere. Calls `report` for paths and folders that cannot be
// read.
std::vector<Candidate> candidates(
    const Root& root, const std::vector<std::string>& paths,
    const std::vector<std::string>& excluded,
    const std::function<void(const std::string& path, const std::string& reason)>& report);

// True if one of the patterns of glob(7) matches: the path, or the file name if it has no '/'.
bool is_excluded(const std::string& path, const std::vector<std::string>& patterns);

// The path in the root: a relative one is one of the current folder in the system's root.
std::string path_in_root(const Root& root, const std::string& path);

}  // namespace sealctl
