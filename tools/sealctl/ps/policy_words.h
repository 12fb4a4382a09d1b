// The words of the variable LDSEAL and of a program's note, as far as they take seals away.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sealctl::ps {

// The value of a variable in the text of /proc/PID/environ.
std::optional<std::string> variable_in(std::string_view environment, std::string_view name);

// Is everything off after these words of the note, and then of the variable?
bool is_off(std::string_view note, std::string_view variable);

// Does one of the words take a class away?
bool takes_away(std::string_view words);

}  // namespace sealctl::ps
