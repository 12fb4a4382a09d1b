// The names of the classes of memory, as they are written on a command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sealctl {

// The bits (ldseal/classes.h) that a list like "text,system" names; "all" names every one.
// Throws a Failure for a name that is not a class, and for an empty one.
unsigned classes_named(std::string_view list);

// The names that classes_named() knows.
std::vector<std::string> class_names();

}  // namespace sealctl
