// sealctl: the command-line tool of ldseal. A subcommand is a file with one function that adds it
// to the parser; its callback does the work, and throws a Failure if it cannot.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

#include "tools/sealctl/adopt/commands.h"
#include "tools/sealctl/check/check.h"
#include "tools/sealctl/completions.h"
#include "tools/sealctl/doctor/doctor.h"
#include "tools/sealctl/failure.h"
#include "tools/sealctl/map/map.h"
#include "tools/sealctl/prove/prove.h"
#include "tools/sealctl/ps/ps.h"
#include "tools/sealctl/run.h"
#include "tools/sealctl/trace/trace.h"
#include "tools/sealctl/vdso/vdso.h"

namespace sealctl {
namespace {

constexpr char kProgramDescription[] = "Controls what the dynamic loader ld-seal seals\n";
constexpr char kProgramFooter[] = "`sealctl SUBCOMMAND --help` describes a subcommand.";

// The arguments before the first "--", which are parsed, and those from the "--" on.
struct Words {
  std::vector<std::string> parsed;
  std::vector<std::string> from_marker;
};

Words split_at_marker(const std::vector<std::string>& words) {
  const auto marker = std::ranges::find(words, "--");
  return {{words.begin(), marker}, {marker, words.end()}};
}

// The exit status for a wrong command line: as env(1) for `run`, and before there is a subcommand.
ExitStatus usage_status(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() || chosen.front()->get_name() == "run" ? kOwnFailure : kUsage;
}

// Parses the arguments and runs the subcommand's callback.
void parse(CLI::App& app, std::vector<std::string> words) {
  std::ranges::reverse(words);  // the parser expects them in reverse order
  try {
    app.parse(std::move(words));
  } catch (const CLI::ExtrasError&) {
    const Failure failure = unknown("subcommand or option", app.remaining(true).front());
    throw Failure(usage_status(app), failure.what());
  }
  if (app.get_subcommands().empty()) throw missing("SUBCOMMAND");
}

int sealctl(const std::vector<std::string>& arguments) {
  Words words = split_at_marker(arguments);
  CLI::App app(kProgramDescription, "sealctl");
  app.set_version_flag("--version", "sealctl (ldseal) " LDSEAL_VERSION);
  app.footer(kProgramFooter);
  add_adopt(app, words.from_marker);
  add_check(app, words.from_marker);
  add_completions(app);
  add_doctor(app);
  add_map(app, words.from_marker);
  add_prove(app, words.from_marker);
  add_ps(app);
  add_release(app, words.from_marker);
  add_run(app, words.from_marker);
  add_status(app);
  add_trace(app, words.from_marker);
  add_vdso(app);
  try {
    parse(app, std::move(words.parsed));
    return 0;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version
    fmt::print(stderr, "sealctl: {}\n", error.what());
    return usage_status(app);
  } catch (const Ended& ended) {
    return ended.status;
  } catch (const Failure& failure) {
    fmt::print(stderr, "sealctl: {}\n", failure.what());
    return failure.status();
  }
}

}  // namespace
}  // namespace sealctl

int main(int argc, char** argv) {
  return sealctl::sealctl({argv + std::min(argc, 1), argv + argc});
}
