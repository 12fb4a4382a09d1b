// What subcommands write to standard output: lines, tables and JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sealctl/cli11.h"

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

// Lines of cells. Every column but the last one is as wide as its widest cell.
class Table {
 public:
  enum class Side { kLeft, kRight };
  // One side for each column.
  explicit Table(std::vector<Side> sides) : sides_(std::move(sides)) {}
  // A line has one cell for each column.
  void add(std::vector<Cell> line) { lines_.push_back(std::move(line)); }
  void print(const Painter& painter) const;

 private:
  std::vector<Side> sides_;
  std::vector<std::vector<Cell>> lines_;
};

// The text with everything that is not printable ASCII as \xNN: a name that another user chose must
// not reach the terminal as a control sequence.
std::string printable(std::string_view text);

// A size with a unit, as in "48k".
std::string size_text(uint64_t bytes);

// Writes what is buffered. Throws a Failure if standard output does not take it.
void flush_output();

}  // namespace sealctl
