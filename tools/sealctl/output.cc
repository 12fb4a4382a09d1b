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

constexpr std::string_view kBetween = "  ";      // cells
constexpr std::string_view kContinued = "    ";  // before what goes on in a line below
constexpr size_t kShortest = 8;                  // what a text may be shortened to
constexpr size_t kLeastBeside = 24;              // columns for a text that goes on below its start

// Puts the cells of one line of a table together, in as many lines as it takes.
class LineWriter {
 public:
  LineWriter(const Painter& painter, size_t width) : painter_(painter), width_(width) {}

  // Adds a cell with blanks around it.
  void add(const Cell& cell, size_t before, size_t after) {
    const bool is_first = text_.empty();
    const size_t start = at_ + (is_first ? 0 : kBetween.size());
    if (cell.text.size() <= room_at(start + before)) {
      put(std::string(is_first ? "" : kBetween) + std::string(before, ' '), cell);
    } else if (is_first || room_at(start) >= kLeastBeside) {
      text_ += is_first ? "" : kBetween;
      put_lines(cell, start, room_at(start));
    } else {
      begin(kContinued.size());
      put_lines(cell, kContinued.size(), room_at(kContinued.size()));
    }
    text_.append(after, ' ');
    at_ += after;
  }

  // Without blanks at the ends of lines.
  std::string text() {
    trim();
    return std::move(text_);
  }

 private:
  size_t room_at(size_t column) const { return width_ - std::min(width_, column); }

  void put(const std::string& before, const Cell& cell) {
    text_ += before + painter_.paint(cell);
    at_ += before.size() + cell.text.size();
  }

  void put_lines(const Cell& cell, size_t start, size_t room) {
    bool is_first = true;
    for (const std::string& part : wrap(cell.text, room, room)) {
      if (!is_first) begin(start);
      is_first = false;
      at_ = start;
      put("", {part, cell.tone});
    }
  }

  void begin(size_t indent) {
    trim();
    text_ += '\n';
    text_.append(indent, ' ');
    at_ = indent;
  }

  void trim() { text_.erase(text_.find_last_not_of(' ') + 1); }

  const Painter& painter_;
  size_t width_;
  size_t at_ = 0;  // the column behind what the last line has
  std::string text_;
};

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

void Table::add_heading(std::initializer_list<const char*> names) {
  std::vector<Cell> line;
  line.reserve(names.size());
  for (const char* name : names) line.push_back({name, Tone::kHeading});
  add(std::move(line));
}

std::vector<size_t> Table::natural_widths() const {
  std::vector<size_t> widths(columns_.size());
  for (const std::vector<Cell>& line : lines_) {
    for (size_t i = 0; i < columns_.size(); ++i)
      widths[i] = std::max(widths[i], line[i].text.size());
  }
  return widths;
}

// The widest of the columns that may be shortened gives way first. The last column, unless it is
// one of these, goes on below. Where shortening is not enough every cell may go on below.
std::vector<size_t> Table::widths_for(size_t width) const {
  std::vector<size_t> natural = natural_widths();
  std::vector<size_t> widths = natural;
  const bool goes_on_below = columns_.back() != Column::kShortened;
  const size_t count = columns_.size() - (goes_on_below ? 1 : 0);
  size_t used = count == 0 ? 0 : (count - 1) * kBetween.size();
  for (size_t i = 0; i < count; ++i) used += widths[i];
  for (; used > width; --used) {
    size_t* widest = nullptr;
    for (size_t i = 0; i < count; ++i) {
      const bool may_be = columns_[i] == Column::kShortened && widths[i] > kShortest;
      if (may_be && (widest == nullptr || widths[i] > *widest)) widest = &widths[i];
    }
    if (widest == nullptr) return natural;
    --*widest;
  }
  return widths;
}

void Table::print(const Painter& painter, size_t width) const {
  const std::vector<size_t> widths = widths_for(width);
  const size_t most_below = std::max(width, kContinued.size() + kShortest) - kContinued.size();
  for (const std::vector<Cell>& line : lines_) {
    LineWriter writer(painter, width);
    for (size_t i = 0; i < line.size(); ++i) {
      const bool is_last = i + 1 >= columns_.size();
      const bool is_short = i < columns_.size() && columns_[i] == Column::kShortened;
      const size_t most = is_short ? std::min(widths[i], most_below) : kUnlimited;
      const std::string text = shorten(line[i].text, most);
      const size_t blanks = is_last ? 0 : widths[i] - std::min(widths[i], text.size());
      const bool is_right = i < columns_.size() && columns_[i] == Column::kRight;
      writer.add({text, line[i].tone}, is_right ? blanks : 0, is_right ? 0 : blanks);
    }
    fmt::print("{}\n", writer.text());
  }
}

void print_text(const Painter& painter, const Cell& mark, size_t mark_width, const Cell& text) {
  const size_t width = std::max(output_columns(), mark_width + kLeastBeside) - mark_width;
  std::string line = painter.paint(mark);
  line.append(mark_width - std::min(mark_width, mark.text.size()), ' ');
  const size_t further = mark_width == 0 ? kContinued.size() : 0;
  for (const std::string& part : wrap(text.text, width, width - further)) {
    fmt::print("{}{}\n", line, painter.paint({part, text.tone}));
    line.assign(mark_width + further, ' ');
  }
}

void print_text(const Painter& painter, const Cell& text) { print_text(painter, {}, 0, text); }

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
