// What subcommands write to standard output: lines, tables and JSON.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sealctl/cli11.h"
#include "tools/sealctl/fit.h"

namespace sealctl {

// The options that every subcommand has which shows something.
struct OutputOptions {
  bool json = false;
  std::string color = "auto";
};

// Adds --json and --color to `subcommand`. `options` must live until the callback has run.
void add_output_options(CLI::App& subcommand, OutputOptions& options);

enum class Tone { kPlain, kGood, kBad, kDoubtful, kHeading };

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
};

// Writes texts in colours, or without.
class Painter {
 public:
  // `color` is a value of --color. "auto" means: standard output is a terminal that is not dumb,
  // and the variable NO_COLOR is not set, or empty.
  explicit Painter(std::string_view color);
  std::string paint(const Cell& cell) const;

 private:
  bool is_on_;
};

// Lines of cells. Every column but the last one is as wide as its widest cell. On a terminal no line
// is longer than the terminal is wide: first the columns that may be are shortened, then a cell for
// which no room is left goes on in an indented line below.
class Table {
 public:
  enum class Column {
    kLeft,
    kRight,      // to the right of its column
    kShortened,  // to the left; the middle of a text may be left out
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // A line has one cell for each column. Further cells follow the last one without alignment.
  void add(std::vector<Cell> line) { lines_.push_back(std::move(line)); }
  // Adds the line of the columns' names.
  void add_heading(std::initializer_list<const char*> names);
  void print(const Painter& painter) const { print(painter, output_columns()); }
  // For a terminal of so many columns.
  void print(const Painter& painter, size_t width) const;

 private:
  std::vector<size_t> widths_for(size_t width) const;
  std::vector<size_t> natural_widths() const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> lines_;
};

// Prints a text of any length behind a mark, which takes `mark_width` columns. On a terminal the
// lines in which it goes on start below the text.
void print_text(const Painter& painter, const Cell& mark, size_t mark_width, const Cell& text);

// Prints a text of any length.
void print_text(const Painter& painter, const Cell& text);

// The text with everything that is not printable ASCII as \xNN: a name that another user chose must
// not reach the terminal as a control sequence.
std::string printable(std::string_view text);

// A size with a unit, as in "48k".
std::string size_text(uint64_t bytes);

// Writes what is buffered. Throws a Failure if standard output does not take it.
void flush_output();

}  // namespace sealctl
