// Replaces a program by a changed copy of it: the names go from one to the other by rename(2), so
// that each leads to a whole program at every moment. For programs that run.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/adopt/rewrite.h"

namespace sealctl {

// The names of the file in its folder. Throws Refused if it has others elsewhere, which cannot be
// found.
std::vector<std::string> names_of(const OpenProgram& program);

// Gives all of the entry's names, the entry's path as the last, to a copy with these bytes at
// PT_INTERP and with everything else as it is. Throws Refused.
void exchange(const OpenProgram& program, const Entry& entry, const std::string& bytes);

// Removes what a killed exchange has left in the folder.
void remove_remains(int folder);

}  // namespace sealctl
