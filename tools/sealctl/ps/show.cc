// See show.h.
#include "tools/sealctl/ps/show.h"

#include <fmt/format.h>
#include <map>

#include "tools/sealctl/ps/verdict.h"

namespace sealctl::ps {
namespace {

constexpr double kMebibyte = 1 << 20;

double percent(const Share& share) {
  constexpr double kHundred = 100;
  if (share.all == 0) return 0;
  return kHundred * static_cast<double>(share.sealed) / static_cast<double>(share.all);
}

Tone tone_of(const Share& share) {
  if (share.sealed == share.all) return Tone::kGood;
  return share.sealed == 0 ? Tone::kBad : Tone::kDoubtful;
}

Cell code_of(const Memory& m) {
  // Rounded down: what is not sealed wholly is not 100 %.
  return {fmt::format("{:3} % ({})", static_cast<int>(percent(m.code)), m.code_ranges.sealed),
          tone_of(m.code)};
}

Cell share_of(const Share& share) {
  if (share.all == 0) return {"-"};
  if (share.sealed == share.all) return {"yes", Tone::kGood};
  if (share.sealed == 0) return {"no", Tone::kBad};
  return {fmt::format("{}/{}", share.sealed, share.all), Tone::kDoubtful};
}

Cell vdso_of(const Memory& m) {
  return share_of({m.has_vdso ? 1U : 0U, m.is_vdso_sealed ? 1U : 0U});
}

// The first thread has no guard in the page table: the kernel keeps a gap below its stack.
Cell guards_of(const Process& p) {
  if (p.threads <= 1) return {"-"};
  return {fmt::format("{}/{}", p.memory->guards, p.threads - 1)};
}

std::string loader_of(const Process& p) {
  const bool seals_itself = p.memory->loader == Loader::kStatic && p.verdict != Verdict::kUnsealed;
  return seals_itself ? "static, itself" : std::string(word_for(p.memory->loader));
}

std::string unit_of(const Process& p) {
  constexpr std::string_view kService = ".service";
  std::string_view unit = p.unit;
  if (unit.ends_with(kService)) unit.remove_suffix(kService.size());
  return unit.empty() ? "-" : printable(unit);
}

std::string reasons_of(const Process& p) {
  std::string text;
  for (const Reason& reason : p.reasons)
    text += fmt::format("{}{}", text.empty() ? "" : "; ", reason.text);
  return text;
}

std::vector<Cell> line_of(const Process& p) {
  std::vector<Cell> line = {{fmt::format("{}", p.pid)}, {unit_of(p)}, {printable(p.command)}};
  if (p.memory) {
    line.push_back({loader_of(p)});
    line.push_back(code_of(*p.memory));
    line.push_back(share_of(p.memory->relro));
    line.push_back(vdso_of(*p.memory));
    line.push_back(guards_of(p));
  } else {
    line.insert(line.end(), 5, Cell{"-"});
  }
  line.push_back({reasons_of(p)});
  return line;
}

// What to do, once for each kind of reason, with the number of processes that have it.
void show_remedies(std::span<const Process> shown, const Painter& painter) {
  std::map<Why, size_t> counts;
  for (const Process& process : shown) {
    for (const Reason& reason : process.reasons) ++counts[reason.why];
  }
  if (!counts.empty()) fmt::print("What to do:\n");
  for (const auto& [why, count] : counts) {
    const Remedy& remedy = remedy_for(why);
    print_text(painter, {}, 2, {fmt::format("{} ({}): {}", remedy.word, count, remedy.what_to_do)});
  }
}

std::string sentence(const Totals& t) {
  std::string text = fmt::format("{} processes: {} sealed, {} partly, {} not", t.processes,
                                 t.sealed, t.partly, t.unsealed);
  if (t.unknown != 0) text += fmt::format(", {} may not be looked at", t.unknown);
  return fmt::format("{}. Executable memory sealed {:.1f} % ({:.0f} of {:.0f} MiB).", text,
                     percent(t.code), static_cast<double>(t.code.sealed) / kMebibyte,
                     static_cast<double>(t.code.all) / kMebibyte);
}

}  // namespace

Totals total(std::span<const Process> processes) {
  Totals totals;
  totals.processes = processes.size();
  for (const Process& process : processes) {
    if (process.verdict == Verdict::kSealed) ++totals.sealed;
    if (process.verdict == Verdict::kPartly) ++totals.partly;
    if (process.verdict == Verdict::kUnsealed) ++totals.unsealed;
    if (process.verdict == Verdict::kUnknown) ++totals.unknown;
    if (!process.memory) continue;
    totals.code.all += process.memory->code.all;
    totals.code.sealed += process.memory->code.sealed;
  }
  return totals;
}

void show_table(std::span<const Process> shown, const Totals& totals, const Painter& painter) {
  using enum Table::Column;
  Table table({kRight, kShortened, kShortened, kLeft, kRight, kLeft, kLeft, kRight, kLeft});
  table.add_heading(
      {"PID", "UNIT", "COMMAND", "LOADER", "CODE SEALED", "RELRO", "VDSO", "GUARDS", "WHY NOT"});
  for (const Process& process : shown) table.add(line_of(process));
  table.print(painter);
  show_remedies(shown, painter);
  print_text(painter, {sentence(totals)});
}

}  // namespace sealctl::ps
