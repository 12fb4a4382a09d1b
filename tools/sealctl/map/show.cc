// See show.h.
#include "tools/sealctl/map/show.h"

#include <fmt/format.h>

namespace sealctl::map {
namespace {

std::vector<Cell> line_of(const Line& line) {
  const Tone unsealed = line.should_be_sealed() ? Tone::kBad : Tone::kPlain;
  return {{fmt::format("{:x}-{:x}", line.start, line.end)},
          {size_text(line.size())},
          {line.permissions},
          {what(line)},
          {line.is_sealed ? "yes" : "no", line.is_sealed ? Tone::kGood : unsealed},
          {line.reason}};
}

std::vector<Cell> hole_line(const Guard& hole) {
  return {{fmt::format("{:x}-{:x}", hole.start, hole.end)},
          {size_text(hole.end - hole.start)},
          {"---"},
          {fmt::format("{} hole: nothing is mapped", printable(hole.of))},
          {"-"},
          {""}};
}

std::vector<Cell> line_of(const Guard& guard) {
  std::string owner = printable(guard.of);
  if (!owner.empty())
    owner = fmt::format(" {} {}", owner.front() == '/' ? "in" : "of thread", owner);
  return {{fmt::format("{:x}-{:x}", guard.start, guard.end)},
          {size_text(guard.end - guard.start)},
          {"---"},
          {fmt::format("guard in the page table{}", owner)},
          {"-"},
          {""}};
}

}  // namespace

std::string what(const Line& line) {
  std::string object = printable(line.object);
  switch (line.kind) {
    case Kind::kText:
    case Kind::kConstants:
    case Kind::kRelro:
    case Kind::kData:
    case Kind::kHole:
      return fmt::format("{} {}{}", object, word_for(line.kind),
                         line.has_file ? "" : " (anonymous)");
    case Kind::kStack:
    case Kind::kGuard:
      return object.empty() ? std::string(word_for(line.kind))
                            : fmt::format("{} of thread {}", word_for(line.kind), object);
    case Kind::kSystem:
    case Kind::kFile:
      return object;
    default:
      return object.empty() ? std::string(word_for(line.kind))
                            : fmt::format("{} {}", word_for(line.kind), object);
  }
}

double percent(const ps::Share& share) {
  constexpr double kHundred = 100;
  if (share.all == 0) return kHundred;
  return kHundred * static_cast<double>(share.sealed) / static_cast<double>(share.all);
}

std::string text_of(const Totals& totals) {
  std::string text = fmt::format(
      "{} mappings, {} sealed; executable {:.1f} % sealed, read-only {:.1f} %; writable and "
      "executable: {}",
      totals.mappings, totals.sealed, percent(totals.executable), percent(totals.read_only),
      totals.writable_and_executable == 0 ? "none" : size_text(totals.writable_and_executable));
  if (totals.guarded != 0)
    text += fmt::format("; guards in the page table: {}", size_text(totals.guarded));
  return text;
}

void show_table(const Map& map, const Painter& painter) {
  using enum Table::Column;
  Table table({kLeft, kRight, kLeft, kShortened, kLeft, kLeft});
  table.add_heading({"ADDRESS", "SIZE", "PERM", "WHAT", "SEALED", "WHY NOT"});
  auto guard = map.guards.begin(), hole = map.holes.begin();
  for (const Line& line : map.lines) {
    table.add(line_of(line));
    for (; guard != map.guards.end() && guard->start < line.end; ++guard)
      table.add(line_of(*guard));
    if (hole != map.holes.end() && hole->start == line.end) table.add(hole_line(*hole++));
  }
  table.print(painter);
  print_text(painter, {text_of(total(map)) + "."});
}

}  // namespace sealctl::map
