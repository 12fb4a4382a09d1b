// See diff.h.
#include "tools/sealctl/map/diff.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>

#include "tools/sealctl/map/show.h"

namespace sealctl::map {
namespace {

// What identifies a mapping in both maps.
using Key = std::string;

class Keys {
 public:
  explicit Keys(bool is_by_place) : is_by_place_(is_by_place) {}

  // Empty: the mapping is not compared.
  Key of(const Line& line) {
    if (is_by_place_) return fmt::format("{:016x}", line.start);
    switch (line.kind) {
      case Kind::kStack:
      case Kind::kHeap:
      case Kind::kFile:
      case Kind::kMemory:
      case Kind::kGuard:
        return {};
      default:
        break;
    }
    // The n-th of its kind in its object.
    Key key = fmt::format("{} {}", line.object, word_for(line.kind));
    return fmt::format("{} {:06}", key, ++seen_[key]);
  }

 private:
  bool is_by_place_;
  std::map<Key, size_t> seen_;
};

using LinesByKey = std::map<Key, const Line*>;

LinesByKey keyed(const Map& map, bool is_by_place) {
  Keys keys(is_by_place);
  LinesByKey lines;
  for (const Line& line : map.lines) {
    if (Key key = keys.of(line); !key.empty()) lines.emplace(std::move(key), &line);
  }
  return lines;
}

const Line* vdso_of(const Map& map) {
  const auto found = std::ranges::find(map.lines, "[vdso]", &Line::name);
  return found == map.lines.end() ? nullptr : &*found;
}

// One process at two times: its number, and the addresses that the kernel chose.
bool is_one_process(const Map& a, const Map& b) {
  const Line *vdso_a = vdso_of(a), *vdso_b = vdso_of(b);
  const bool has_same_vdso =
      vdso_a == nullptr || vdso_b == nullptr ? vdso_a == vdso_b : vdso_a->start == vdso_b->start;
  return a.pid == b.pid && has_same_vdso;
}

std::vector<std::string_view> differences(const Line& before, const Line& after) {
  std::vector<std::string_view> words;
  if (before.is_sealed && !after.is_sealed) words.emplace_back("seal-lost");
  if (!before.is_sealed && after.is_sealed) words.emplace_back("seal-gained");
  if (before.permissions != after.permissions) words.emplace_back("permissions");
  if (before.size() != after.size()) words.emplace_back("size");
  if (before.kind != after.kind || before.name != after.name) words.emplace_back("contents");
  return words;
}

std::string state_of(const Line* line) {
  if (line == nullptr) return "-";
  return fmt::format("{} {} {}", size_text(line->size()), line->permissions,
                     line->is_sealed ? "sealed" : "not sealed");
}

}  // namespace

size_t Difference::count(std::string_view word) const {
  return static_cast<size_t>(std::ranges::count_if(changes, [&](const Change& change) {
    return std::ranges::find(change.words, word) != change.words.end();
  }));
}

Difference compare(const Map& before, const Map& after) {
  Difference difference{.is_by_place = is_one_process(before, after)};
  const LinesByKey old_lines = keyed(before, difference.is_by_place);
  const LinesByKey new_lines = keyed(after, difference.is_by_place);
  for (const auto& [key, line] : old_lines) {
    const auto found = new_lines.find(key);
    if (found == new_lines.end()) {
      difference.changes.push_back({line, nullptr, {"gone"}});
    } else if (auto words = differences(*line, *found->second); !words.empty()) {
      difference.changes.push_back({line, found->second, std::move(words)});
    }
  }
  for (const auto& [key, line] : new_lines) {
    if (!old_lines.contains(key)) difference.changes.push_back({nullptr, line, {"new"}});
  }
  return difference;
}

void show_table(const Difference& difference, const Painter& painter) {
  using enum Table::Column;
  const std::vector<Table::Column> columns =
      difference.is_by_place ? std::vector{kLeft, kLeft, kLeft, kLeft, kShortened}
                             : std::vector{kLeft, kLeft, kLeft, kShortened};
  Table table(columns);
  if (difference.is_by_place) {
    table.add_heading({"CHANGE", "BEFORE", "AFTER", "ADDRESS", "WHAT"});
  } else {
    table.add_heading({"CHANGE", "BEFORE", "AFTER", "WHAT"});
  }
  for (const Change& change : difference.changes) {
    const Line& line = change.after == nullptr ? *change.before : *change.after;
    const bool is_bad = change.words.front() == "seal-lost";
    std::vector<Cell> cells = {
        {fmt::format("{}", fmt::join(change.words, ",")), is_bad ? Tone::kBad : Tone::kPlain},
        {state_of(change.before)},
        {state_of(change.after)}};
    if (difference.is_by_place) cells.push_back({fmt::format("{:x}", line.start)});
    cells.push_back({what(line)});
    table.add(std::move(cells));
  }
  if (!difference.changes.empty()) table.print(painter);
  print_text(painter, {fmt::format("{} changes, {} seals lost, {} gained; compared by {}.",
                                   difference.changes.size(), difference.count("seal-lost"),
                                   difference.count("seal-gained"),
                                   difference.is_by_place ? "address" : "object")});
}

}  // namespace sealctl::map
