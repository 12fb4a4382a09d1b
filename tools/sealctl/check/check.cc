// See check.h.
#include "tools/sealctl/check/check.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/sealctl/check/files.h"
#include "tools/sealctl/check/predictor.h"
#include "tools/sealctl/check/progress.h"
#include "tools/sealctl/check/show.h"
#include "tools/sealctl/failure.h"

namespace sealctl {
namespace check {
namespace {

constexpr char kDescription[] = "Say what ld-seal will do with programs, without running them";

constexpr char kFooter[] =
    R"(FILE is a program, a library, a folder that is searched for both, or the name of an installed
Debian package. What ld-seal will not seal is listed with the reason and what to do. Libraries are
searched for as at a start with an empty environment.

Exit status: 0 if everything is sealed fully, 1 if not, 2 for wrong usage, 3 if something cannot be
read.

Examples:
  sealctl check ./program
  sealctl check --root /mnt /usr
  sealctl check --json coreutils)";

struct Options {
  OutputOptions output;
  bool sarif = false;
  bool all = false;
  std::string root = "/";
  std::vector<std::string> files;
};

std::vector<Shown> predict_all(const doctor::Root& root, const Files& files, bool lists_all) {
  std::vector<Shown> shown;
  shown.reserve(files.all().size());
  Predictor predictor(root);
  Progress progress(files.all().size());
  for (const Subject& subject : files.all()) {
    progress.show(shown.size());
    shown.push_back({predictor.predict(subject.path), subject.is_named || lists_all});
  }
  return shown;
}

ExitStatus status_of(const Totals& totals) {
  const size_t unknown = totals.with(Outcome::kUnknown);
  const size_t sealed = totals.with(Outcome::kSealed);
  if (sealed == totals.files) return kDone;
  return sealed + unknown == totals.files ? kNotPermitted : kFinding;
}

ExitStatus run(const Options& options) {
  if (options.files.empty()) throw Failure(kUsage, "FILE: argument is missing; --help shows usage");
  const doctor::Root root(options.root);
  Files files(root);
  for (const std::string& file : options.files) files.add(file);
  const std::vector<Shown> shown = predict_all(root, files, options.all);
  if (options.output.json) {
    show_json(shown, root.path());
  } else if (options.sarif) {
    show_sarif(shown, root.path());
  } else {
    show_text(shown, Painter(options.output.color));
  }
  flush_output();
  return status_of(total(shown));
}

}  // namespace
}  // namespace check

void add_check(CLI::App& app, const std::vector<std::string>& from_marker) {
  CLI::App* subcommand = app.add_subcommand("check", check::kDescription);
  auto options = std::make_shared<check::Options>();
  subcommand->add_option("FILE", options->files, "Programs, libraries, folders and packages")
      ->type_name("");
  subcommand->add_option("--root", options->root, "Check files of the system in this folder")
      ->type_name("DIR");
  subcommand->add_flag("--all", options->all, "List what is sealed, too");
  add_output_options(*subcommand, options->output);
  subcommand->add_flag("--sarif", options->sarif, "Print a SARIF 2.1.0 log")->excludes("--json");
  subcommand->footer(check::kFooter);
  subcommand->callback([options, from_marker] {
    if (!from_marker.empty())
      options->files.insert(options->files.end(), from_marker.begin() + 1, from_marker.end());
    throw Ended{check::run(*options)};
  });
}

}  // namespace sealctl
