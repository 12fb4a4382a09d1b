// See rows.h.
#include "tools/sealctl/map/rows.h"

#include <array>
#include <fmt/format.h>

#include "tools/sealctl/map/show.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/text.h"

namespace sealctl::map {
namespace {

constexpr size_t kManyLines = 2'000;

constexpr std::array<ShadeWords, static_cast<size_t>(Shade::kCount)> kShades = {{
    {"sealed-code", "#1a7f37", "sealed, executable"},
    {"sealed", "#7bc98f", "sealed, not executable"},
    {"open-code", "#d1242f", "executable, NOT sealed"},
    {"writable-code", "#8250df", "writable AND executable"},
    {"open", "#e08c1a", "read-only, NOT sealed"},
    {"writable", "#6ea8fe", "writable: data, heaps, stacks"},
    {"other", "#b5bfca", "other memory"},
    {"guard", "#57606a", "no access: guards, holes"},
    {"gap", "#f0f2f4", "nothing is mapped"},
}};

Shade shade_of(const Line& line) {
  if (line.is_writable_and_executable()) return Shade::kWritableCode;
  if (line.can('x')) return line.is_sealed ? Shade::kSealedCode : Shade::kOpenCode;
  if (line.is_sealed) return Shade::kSealed;
  if (line.can('w')) return Shade::kWritable;
  if (!line.can('r')) return Shade::kGuard;
  return line.should_be_sealed() || line.kind == Kind::kSystem ? Shade::kOpen : Shade::kOther;
}

// As show.h's what(), with the file's name alone.
std::string short_text(const Line& line) {
  Line named = line;
  if (named.object.starts_with('/')) named.object = file_name(line.object);
  return what(named);
}

Row row_of(const Line& line) {
  Row row{line.start, line.end, shade_of(line), {}, {}};
  const char* sealed = line.is_sealed ? "sealed" : "not sealed";
  row.label = fmt::format("{}, {}, {}, {}", short_text(line), size_text(line.size()),
                          line.permissions, sealed);
  row.detail =
      fmt::format("{:x}-{:x} {} {}, {}{}{}", line.start, line.end, line.permissions, what(line),
                  sealed, line.reason.empty() ? "" : ": ", printable(line.reason));
  return row;
}

Row row_of(const Guard& guard) {
  Row row{guard.start, guard.end, Shade::kGuard, {}, {}};
  const std::string owner =
      guard.of.empty() ? "" : fmt::format(" of {}", printable(file_name(guard.of)));
  row.label = fmt::format("guard in the page table{}, {}", owner, size_text(row.size()));
  row.detail = fmt::format("{:x}-{:x} {}", row.start, row.end, row.label);
  return row;
}

Row gap_row(uint64_t start, uint64_t end) {
  Row row{start, end, Shade::kGap, {}, {}};
  row.label = fmt::format("gap of {}", size_text(row.size()));
  row.detail = fmt::format("{:x}-{:x} nothing is mapped", start, end);
  return row;
}

// Neighbours that one row stands for if there are many.
bool can_join(const Line& a, const Line& b) {
  return a.end == b.start && a.kind == b.kind && a.object == b.object && !a.is_sealed &&
         !b.is_sealed && !a.should_be_sealed() && !b.should_be_sealed();
}

Row joined_row(const Line& first, const Line& last, size_t count) {
  if (count == 1) return row_of(first);
  Line all = first;
  all.end = last.end;
  Row row = row_of(all);
  row.label = fmt::format("{} mappings: {}", count, row.label);
  row.detail = fmt::format("{} mappings: {}", count, row.detail);
  return row;
}

}  // namespace

const ShadeWords& words_for(Shade shade) { return kShades[static_cast<size_t>(shade)]; }

std::vector<Row> rows_of(const Map& map) {
  std::vector<Row> rows;
  auto guard = map.guards.begin();
  const bool joins = map.lines.size() > kManyLines;
  for (size_t i = 0, next = 0; i < map.lines.size(); i = next) {
    const Line& line = map.lines[i];
    for (next = i + 1; joins && next < map.lines.size(); ++next) {
      if (!can_join(map.lines[next - 1], map.lines[next])) break;
    }
    const Line& last = map.lines[next - 1];
    if (line.name == "[vsyscall]") continue;
    if (i != 0 && map.lines[i - 1].end != line.start)
      rows.push_back(gap_row(map.lines[i - 1].end, line.start));
    rows.push_back(joined_row(line, last, next - i));
    for (; guard != map.guards.end() && guard->start < last.end; ++guard)
      rows.push_back(row_of(*guard));
  }
  return rows;
}

}  // namespace sealctl::map
