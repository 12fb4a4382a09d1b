// See policy_words.h. ldso/seal/policy.h has the rules.
#include "tools/sealctl/ps/policy_words.h"

#include "tools/sealctl/text.h"

namespace sealctl::ps {
namespace {

struct Words {
  bool is_off = false;
  bool is_final = false;
};

void apply(std::string_view words, Words& policy) {
  while (!words.empty()) {
    const std::string_view word = take(words, ',');
    if (word == "off") policy.is_off = true;
    if (word == "on" || word.starts_with('+')) policy.is_off = false;
    if (word == "final") policy.is_final = true;
  }
}

}  // namespace

std::optional<std::string> variable_in(std::string_view environment, std::string_view name) {
  while (!environment.empty()) {
    std::string_view entry = take(environment, '\0');
    if (entry.starts_with(name) && entry.substr(name.size()).starts_with('='))
      return std::string(entry.substr(name.size() + 1));
  }
  return std::nullopt;
}

bool is_off(std::string_view note, std::string_view variable) {
  Words policy;
  apply(note, policy);
  if (!policy.is_final) apply(variable, policy);
  return policy.is_off;
}

bool takes_away(std::string_view words) {
  while (!words.empty()) {
    const std::string_view word = take(words, ',');
    if (word == "off" || word.starts_with('-')) return true;
  }
  return false;
}

}  // namespace sealctl::ps
