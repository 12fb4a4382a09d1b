// See describe.h.
#include <algorithm>
#include <array>

#include "tools/sealctl/map/describe.h"

namespace sealctl::map {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(Kind::kCount)> kWords = {
    "text",  "constants", "relro", "data", "hole",   "system",
    "stack", "heap",      "file",  "code", "memory", "guard"};

void add(ps::Share& share, const Line& line) {
  share.all += line.size();
  if (line.is_sealed) share.sealed += line.size();
}

}  // namespace

std::string_view word_for(Kind kind) { return kWords[static_cast<size_t>(kind)]; }

std::optional<Kind> kind_named(std::string_view word) {
  const auto* found = std::ranges::find(kWords, word);
  if (found == kWords.end()) return std::nullopt;
  return static_cast<Kind>(found - kWords.begin());
}

Totals total(const Map& map) {
  Totals totals;
  for (const Line& line : map.lines) {
    if (line.name == "[vsyscall]") continue;
    ++totals.mappings;
    if (line.is_sealed) ++totals.sealed;
    if (line.can('x')) add(totals.executable, line);
    if (line.can('r') && !line.can('w') && !line.can('x')) add(totals.read_only, line);
    if (line.is_writable_and_executable()) totals.writable_and_executable += line.size();
  }
  for (const Guard& guard : map.guards) totals.guarded += guard.end - guard.start;
  return totals;
}

}  // namespace sealctl::map
