// See show.h.
#include "tools/sealctl/map/show.h"

#include <fmt/format.h>

namespace sealctl::map {
namespace {

std::string what(const Line& line) {
  std::string object = printable(line.object);
  switch (line.kind) {
    case Kind::kText:
    case Kind::kConstants:
    case Kind::kRelro:
    case Kind::kData:
    case Kind::kHole:
      return fmt::format("{} {}{}", object, word_for(line.kind),
                         line.mapping.has_file ? "" : " (anonymous)");
    case Kind::kStack:
      return object.empty() ? "stack" : fmt::format("stack of thread {}", object);
    case Kind::kSystem:
    case Kind::kFile:
      return object;
    default:
      return object.empty() ? std::string(word_for(line.kind))
                            : fmt::format("{} {}", word_for(line.kind), object);
  }
}

std::vector<Cell> line_of(const Line& line) {
  const ps::Mapping& m = line.mapping;
  const bool should_be = line.kind <= Kind::kRelro || m.is_executable;
  const Tone tone = m.is_sealed ? Tone::kGood : should_be ? Tone::kBad : Tone::kPlain;
  return {{fmt::format("{:x}-{:x}", m.start, m.end)},
          {size_text(m.size())},
          {fmt::format("{}{}{}", m.is_readable ? 'r' : '-', m.is_writable ? 'w' : '-',
                       m.is_executable ? 'x' : '-')},
          {what(line)},
          {m.is_sealed ? "yes" : "no", tone},
          {line.reason}};
}

std::vector<Cell> line_of(const ps::GuardRange& guard) {
  return {{fmt::format("{:x}-{:x}", guard.start, guard.end)},
          {size_text(guard.end - guard.start)},
          {"---"},
          {"guard in the page table"},
          {"-"},
          {""}};
}

double percent(const ps::Share& share) {
  constexpr double kHundred = 100;
  if (share.all == 0) return kHundred;
  return kHundred * static_cast<double>(share.sealed) / static_cast<double>(share.all);
}

void add(ps::Share& share, const ps::Mapping& m) {
  share.all += m.size();
  if (m.is_sealed) share.sealed += m.size();
}

}  // namespace

Totals total(const Map& map) {
  Totals totals;
  for (const Line& line : map.lines) {
    const ps::Mapping& m = line.mapping;
    if (m.name == "[vsyscall]") continue;
    ++totals.mappings;
    if (m.is_sealed) ++totals.sealed;
    if (m.is_executable) add(totals.executable, m);
    if (m.is_readable && !m.is_writable && !m.is_executable) add(totals.read_only, m);
    if (m.is_writable && m.is_executable) totals.writable_and_executable += m.size();
  }
  return totals;
}

void show_table(const Map& map, const Painter& painter) {
  using enum Table::Side;
  Table table({kLeft, kRight, kLeft, kLeft, kLeft, kLeft});
  std::vector<Cell> heading;
  for (const char* name : {"ADDRESS", "SIZE", "PERM", "WHAT", "SEALED", "WHY NOT"})
    heading.push_back({name, Tone::kHeading});
  table.add(std::move(heading));
  auto guard = map.guards.begin();
  for (const Line& line : map.lines) {
    table.add(line_of(line));
    for (; guard != map.guards.end() && guard->start < line.mapping.end; ++guard)
      table.add(line_of(*guard));
  }
  table.print(painter);
  const Totals t = total(map);
  fmt::print(
      "{} mappings, {} sealed; executable {:.1f} % sealed, read-only {:.1f} %; writable and "
      "executable: {}.\n",
      t.mappings, t.sealed, percent(t.executable), percent(t.read_only),
      t.writable_and_executable == 0 ? "none" : size_text(t.writable_and_executable));
}

}  // namespace sealctl::map
