// The diversions of dpkg (dpkg-divert(1)): where dpkg puts a package's file instead of its place.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/sealctl/adopt/root.h"

namespace sealctl {

struct Diversion {
  std::string file;    // as packages name it
  std::string target;  // where dpkg puts it instead
  std::string
      package;  // whose own file is not diverted; ":" is a local diversion, for all packages
};

// True if the root has packages of dpkg.
bool has_dpkg(const Root& root);

// The diversions of the root. Throws a Failure if the database is damaged.
std::vector<Diversion> read_diversions(const Root& root);

// The diversion of this file, or nothing.
std::optional<Diversion> diversion_of(const Root& root, const std::string& file);

// Adds a local diversion without moving a file, like `dpkg-divert --local --no-rename --divert
// TARGET --add FILE`; nothing if there is this one already. Throws a Failure if there is another
// one. In the system's root dpkg-divert does it, in others the database is changed, which is
// possible for roots of other machines and never follows a link out of the root.
void add_diversion(const Root& root, const std::string& file, const std::string& target);

// Removes it again; nothing if there is none, or another one.
void remove_diversion(const Root& root, const std::string& file, const std::string& target);

}  // namespace sealctl
