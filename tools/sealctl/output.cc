// See output.h.
#include "tools/sealctl/output.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <unistd.h>

#include "tools/sealctl/failure.h"

namespace sealctl {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool is_wanted_by_itself() {
  const char* terminal = std::getenv("TERM");
  const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isatty(STDOUT_FILENO) == 1 && !is_dumb && !is_set("NO_COLOR");
}

const char* sequence(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kBad:
      return "\x1b[31m";
    case Tone::kDoubtful:
      return "\x1b[33m";
    case Tone::kHeading:
      return "\x1b[1m";
    case Tone::kPlain:
      break;
  }
  return "";
}

}  // namespace

void add_output_options(CLI::App& subcommand, OutputOptions& options) {
  subcommand.add_flag("--json", options.json, "Print one JSON object");
  subcommand.add_option("--color", options.color, "auto (the default), always or never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

Painter::Painter(std::string_view color)
    : is_on_(color == "always" || (color == "auto" && is_wanted_by_itself())) {}

std::string Painter::paint(const Cell& cell) const {
  if (!is_on_ || cell.tone == Tone::kPlain || cell.text.empty()) return cell.text;
  return fmt::format("{}{}\x1b[0m", sequence(cell.tone), cell.text);
}

void Table::print(const Painter& painter) const {
  std::vector<size_t> widths(sides_.size());
  for (const std::vector<Cell>& line : lines_) {
    for (size_t i = 0; i + 1 < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].text.size());
  }
  for (const std::vector<Cell>& line : lines_) {
    std::string text;
    for (size_t i = 0; i < line.size(); ++i) {
      const size_t blanks = widths[i] - std::min(widths[i], line[i].text.size());
      if (i != 0) text += "  ";
      if (sides_[i] == Side::kRight) text.append(blanks, ' ');
      text += painter.paint(line[i]);
      if (sides_[i] == Side::kLeft) text.append(blanks, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    fmt::print("{}\n", text);
  }
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string size_text(uint64_t bytes) {
  constexpr uint64_t kKibi = 1024, kMebi = kKibi * kKibi, kGibi = kMebi * kKibi,
                     kTebi = kGibi * kKibi;
  const auto number = static_cast<double>(bytes);
  if (bytes >= kTebi) return fmt::format("{:.1f}T", number / static_cast<double>(kTebi));
  if (bytes >= kGibi) return fmt::format("{:.1f}G", number / static_cast<double>(kGibi));
  if (bytes >= kMebi) return fmt::format("{:.1f}M", number / static_cast<double>(kMebi));
  return fmt::format("{}k", bytes / kKibi);
}

void flush_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw Failure(kNotPermitted,
                fmt::format("standard output: cannot write: {}", std::strerror(errno)));
}

}  // namespace sealctl
