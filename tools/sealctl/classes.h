// The names of what ldseal may seal, as they stand on a command line.
#pragma once

#include <string_view>

namespace sealctl {

// The bits (ldseal/classes.h) that a list like "text,system" names; "all" names every one.
// Fails on a word that is no class, and on an empty one.
unsigned classes_named(std::string_view list);

}  // namespace sealctl
