// See syscall_filter.h. The first assignment decides whether it is a list of what is allowed, which
// always contains @default, or ("~") of what is not. What follows adds to the list or takes away.
#include "tools/sealctl/doctor/syscall_filter.h"

#include <string_view>

namespace sealctl::doctor {
namespace {

std::string_view take_word(std::string_view& text) {
  constexpr std::string_view kBlanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

// Does the word, as in "@system-service" or "mseal:EPERM", stand for mseal, too? A name that
// libseccomp does not know has no effect.
bool includes_mseal(std::string_view word, const SystemdFacts& systemd) {
  const std::string_view name = word.substr(0, word.find(':'));
  if (name == "mseal") return systemd.can_name_mseal;
  const bool contains_default = name == "@default" || name == "@system-service" || name == "@known";
  return contains_default && systemd.allows_mseal_by_default;
}

// The same of a call of @process.
bool includes(std::string_view word, std::string_view call) {
  const std::string_view name = word.substr(0, word.find(':'));
  return name == call || name == "@process" || name == "@system-service" || name == "@known";
}

}  // namespace

FilterAnswer evaluate_filter(const std::vector<std::string>& values, const SystemdFacts& systemd) {
  FilterAnswer answer;
  for (std::string_view value : values) {
    if (value.empty()) answer = {};
    if (value.empty()) continue;
    const bool is_inverted = value.starts_with('~');
    if (is_inverted) value.remove_prefix(1);
    if (answer.kind == FilterKind::kNone) {
      answer.kind = is_inverted ? FilterKind::kDenyList : FilterKind::kAllowList;
      answer.allows_mseal = is_inverted || systemd.allows_mseal_by_default;
      answer.allows_prctl = answer.allows_clone = is_inverted;
    }
    for (std::string_view word; !(word = take_word(value)).empty();) {
      if (includes_mseal(word, systemd)) answer.allows_mseal = !is_inverted;
      if (includes(word, "prctl")) answer.allows_prctl = !is_inverted;
      if (includes(word, "clone")) answer.allows_clone = !is_inverted;
    }
  }
  return answer;
}

bool kills_for_questions(const Unit& unit, const SystemdFacts& systemd) {
  const std::string error = unit.last("SystemCallErrorNumber");
  if (!error.empty() && error != "kill") return false;
  const FilterAnswer filter = evaluate_filter(unit.values("SystemCallFilter"), systemd);
  return !filter.allows_prctl || !filter.allows_clone;
}

}  // namespace sealctl::doctor
