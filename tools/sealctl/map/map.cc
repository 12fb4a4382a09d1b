// See map.h.
#include "tools/sealctl/map/map.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <memory>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/map/at_end.h"
#include "tools/sealctl/map/describe.h"
#include "tools/sealctl/map/diff.h"
#include "tools/sealctl/map/picture.h"
#include "tools/sealctl/map/saved.h"
#include "tools/sealctl/map/show.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/ps/verdict.h"
#include "tools/sealctl/text.h"

namespace sealctl {
namespace map {
namespace {

constexpr char kDescription[] = "Show what each mapping of a process is, and whether it is sealed";

constexpr char kFooter[] =
    R"(With `-- COMMAND` the command is run to its end, with its input and output left as they are, and
is looked at just before its memory is given back. A map that --json has written to a file can stand
for a process.

--diff shows what is different in a second map. Two maps of one process are compared address by
address. Of two processes the objects and the kernel's mappings are compared; heaps, stacks and
other memory differ always.

Exit status: 0 if everything that ld-seal seals is sealed, or --diff finds no change; 1 if not, 2
for wrong usage, 3 if the process is gone or may not be looked at, COMMAND cannot be run, or a file
cannot be read or written.

Examples:
  sealctl map 4711
  sealctl map --json -- git --version
  sealctl map --svg=map.svg 4711
  sealctl map before.json --diff 4711)";

struct Options {
  OutputOptions output;
  std::string subject;
  std::string other;
  std::string svg;
  std::string html;
  bool holes = false;

  Guards guards() const { return holes ? Guards::kEverywhere : Guards::kInMemory; }
};

Map map_of(pid_t pid, const Options& options) {
  std::optional<Map> map = describe(pid, options.guards());
  if (!map)
    throw Failure(kNotPermitted,
                  fmt::format("{}: there is no such process, or it is a kernel's", pid));
  return *std::move(map);
}

// `word` is a PID, or the name of a file.
Map map_named(const std::string& word, const Options& options) {
  if (word.find_first_not_of("-0123456789") != word.npos) return read_saved(word);
  const pid_t pid = number_in<pid_t>(word).value_or(0);
  if (pid <= 0)
    throw Failure(kUsage, fmt::format("{}: a PID is a positive number", printable(word)));
  return map_of(pid, options);
}

void write_picture(const std::string& path, const std::string& picture) {
  if (path == "-") {
    fmt::print("{}", picture);
    return;
  }
  std::FILE* file = std::fopen(path.c_str(), "we");
  bool is_written =
      file != nullptr && std::fwrite(picture.data(), 1, picture.size(), file) == picture.size();
  if (file != nullptr && std::fclose(file) != 0) is_written = false;
  if (!is_written)
    throw Failure(kNotPermitted,
                  fmt::format("{}: cannot write: {}", printable(path), std::strerror(errno)));
}

ExitStatus show(const Map& map, const Options& options) {
  if (!options.svg.empty()) write_picture(options.svg, svg_of(map));
  if (!options.html.empty()) write_picture(options.html, html_of(map));
  if (options.output.json) {
    show_json(map);
  } else if (options.svg.empty() && options.html.empty()) {
    show_table(map, Painter(options.output.color));
  }
  flush_output();
  return map.verdict == ps::word_for(ps::Verdict::kSealed) ? kDone : kFinding;
}

ExitStatus show_difference(const Map& before, const Map& after, const Options& options) {
  const Difference difference = compare(before, after);
  if (options.output.json) {
    show_json(difference, before, after);
  } else {
    show_table(difference, Painter(options.output.color));
  }
  flush_output();
  return difference.changes.empty() ? kDone : kFinding;
}

ExitStatus run(const Options& options, const std::vector<std::string>& from_marker) {
  const bool has_command = from_marker.size() > 1;
  if (options.subject.empty() == !has_command)
    throw Failure(kUsage, "either a PID or `-- COMMAND` is needed; --help shows usage");
  const auto show_any = [&](const Map& map) {
    if (options.other.empty()) return show(map, options);
    return show_difference(map, map_named(options.other, options), options);
  };
  if (!has_command) return show_any(map_named(options.subject, options));
  ExitStatus status = kNotPermitted;
  run_to_its_end({from_marker.begin() + 1, from_marker.end()},
                 [&](pid_t pid) { status = show_any(map_of(pid, options)); });
  return status;
}

}  // namespace
}  // namespace map

void add_map(CLI::App& app, const std::vector<std::string>& from_marker) {
  CLI::App* subcommand = app.add_subcommand("map", map::kDescription);
  auto options = std::make_shared<map::Options>();
  subcommand->add_option("PID", options->subject, "The process, or a file that --json has written")
      ->type_name("");
  CLI::Option* diff =
      subcommand->add_option("--diff", options->other, "Show what is different in this one")
          ->type_name("PID|FILE");
  subcommand->add_flag("--holes", options->holes, "Show the guards in the holes of objects, too");
  for (CLI::Option* picture :
       {subcommand->add_option("--svg", options->svg, "Draw a picture; - is standard output"),
        subcommand->add_option("--html", options->html, "Draw a page with the picture")})
    picture->type_name("FILE")->excludes(diff);
  add_output_options(*subcommand, options->output);
  subcommand->footer(map::kFooter);
  subcommand->callback([options, from_marker] { throw Ended{map::run(*options, from_marker)}; });
}

}  // namespace sealctl
