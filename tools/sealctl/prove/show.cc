// See show.h.
#include "tools/sealctl/prove/show.h"

#include <algorithm>
#include <fmt/format.h>

#include "tools/sealctl/map/show.h"

namespace sealctl::prove {
namespace {

struct Count {
  size_t all = 0;
  size_t open = 0;
  size_t made = 0;
};

Count count(const Proof& proof, const Attack& attack, Group group) {
  Count found;
  for (const Proved& proved : proof.mappings) {
    if (proved.group != group) continue;
    for (const Attempt& attempt : proved.attempts) {
      if (attempt.attack != &attack) continue;
      ++found.all;
      if (attempt.outcome == Outcome::kOpen) ++found.open;
      if (attempt.outcome != Outcome::kNotMade) ++found.made;
    }
  }
  return found;
}

Cell cell_of(const Count& count, bool is_stopped_by_seals) {
  if (count.all == 0) return {"-"};
  if (count.made == 0) return {"not made", Tone::kDoubtful};
  if (count.open == 0) return {"held", Tone::kGood};
  const Tone tone = is_stopped_by_seals ? Tone::kBad : Tone::kDoubtful;
  const char* word = is_stopped_by_seals ? "OPEN" : "open";
  if (count.open == count.all) return {word, tone};
  return {fmt::format("{} {}/{}", word, count.open, count.all), tone};
}

void show_attacks(const Proof& proof, const Painter& painter) {
  using enum Table::Column;
  constexpr auto kGroups = static_cast<size_t>(Group::kCount);
  Table table({kLeft, kLeft, kLeft, kLeft, kLeft, kLeft});
  table.add_heading({"ATTACK", "TEXT", "RELRO", "SYSTEM", "LOADER", ""});
  for (const Attack& attack : all_attacks()) {
    std::vector<Cell> line = {{std::string(attack.name)}};
    for (size_t i = 0; i < kGroups; ++i)
      line.push_back(
          cell_of(count(proof, attack, static_cast<Group>(i)), attack.is_stopped_by_seals));
    line.push_back({attack.is_stopped_by_seals ? "" : "passes seals"});
    table.add(std::move(line));
  }
  table.print(painter);
}

constexpr size_t kMissingWidth = 9;  // of the word and the blanks behind it

void show_missing(const Proof& proof, const Painter& painter) {
  for (const Proved& proved : proof.mappings) {
    if (!proved.is_open()) continue;
    std::vector<std::string_view> names;
    for (const Attempt& attempt : proved.attempts) {
      if (attempt.attack->is_stopped_by_seals && attempt.outcome == Outcome::kOpen)
        names.push_back(attempt.attack->name);
    }
    const std::string& reason = proved.line.reason;
    print_text(painter, {"MISSING", Tone::kBad}, kMissingWidth,
               {fmt::format("{:x}-{:x}  {}: {}{}", proved.line.start, proved.line.end,
                            map::what(proved.line), fmt::join(names, ", "),
                            reason.empty() ? "" : fmt::format(" ({})", reason))});
  }
}

}  // namespace

void show_table(const Proof& proof, const Painter& painter) {
  show_attacks(proof, painter);
  show_control_flow(proof.control_flow, painter);
  show_missing(proof, painter);
  show_open_objects(proof.control_flow, painter);
  const size_t all = proof.mappings.size(), missing = proof.missing();
  const Cell sum{fmt::format("{} of {} mappings held against every attack that seals stop.",
                             all - missing, all),
                 missing == 0 ? Tone::kGood : Tone::kBad};
  print_text(painter, sum);
  if (proof.has_way_around())
    print_text(painter, {"The kernel lets the others through: guards and DONTFORK deny service, "
                         "/proc/self/mem writes (proc_mem.force_override=never forbids it)."});
  if (proof.records != 0)
    print_text(painter, {fmt::format("ld-seal's own records, {}, are read-only and not sealed: "
                                     "dlopen changes them.",
                                     size_text(proof.records))});
}

}  // namespace sealctl::prove
