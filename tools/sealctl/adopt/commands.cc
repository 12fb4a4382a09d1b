// See commands.h.
#include "tools/sealctl/adopt/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "tools/sealctl/adopt/programs.h"
#include "tools/sealctl/adopt/status.h"
#include "tools/sealctl/adopt/system.h"
#include "tools/sealctl/failure.h"

namespace sealctl {
namespace {

constexpr char kAdoptFooter[] =
    R"(--system exchanges one symbolic link, the name of libc's rtld that dynamic programs have, and
diverts dpkg so that upgrades of libc leave it. No program changes. Before, programs of the root are
tried under ld-seal.

PROGRAM is a program, or a folder that is searched for programs. The loader's name in it
(PT_INTERP) is exchanged in place; owner, mode, times, capabilities and hard links stay. What libc's
rtld does not start is left as it is, with the reason for each PROGRAM that is named.

Without --system and PROGRAM, as with --again: what was interrupted is completed, and what an
upgrade has replaced is adopted once more.

Exit status: 0 done, 1 something is left as it is, 2 wrong usage, 3 not permitted.

Examples:
  sealctl adopt --system
  sealctl adopt /usr/sbin/nginx /usr/lib/postgresql
  sealctl adopt --root /mnt /usr/bin /usr/sbin --exclude 'gdb*' --dry-run)";

constexpr char kReleaseFooter[] =
    R"(Gives programs, or the system, back to libc's rtld, byte for byte. An interrupted adopt or
release is completed first.

Exit status: 0 done, 1 something is left as it is, 2 wrong usage, 3 not permitted.)";

constexpr char kStatusFooter[] =
    R"(Exit status: 0 if all is as sealctl left it, 1 if something is half done, replaced by an
upgrade, changed or lost, 2 wrong usage, 3 not permitted.)";

struct Arguments {
  std::string root = "/";
  bool system = false;
  bool all = false;
  bool json = false;
  SystemOptions for_system;
  ProgramOptions for_programs;
};

using Shared = std::shared_ptr<Arguments>;

void add_root(CLI::App& command, const Shared& arguments) {
  command.add_option("--root", arguments->root, "Work on the image or chroot in this folder")
      ->type_name("DIR");
}

// The options that adopt and release have.
void add_common(CLI::App& command, const Shared& arguments) {
  add_root(command, arguments);
  command.add_flag("--system", arguments->system, "The name of libc's rtld, for all programs");
  command.add_flag("--dry-run", arguments->for_system.dry_run, "Only print what would be done");
  command
      .add_option("--exclude", arguments->for_programs.excluded,
                  "Leave programs whose path or name matches")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  command.add_option("PROGRAM", arguments->for_programs.paths, "Programs and folders");
}

// The arguments behind "--" are programs.
void take(Arguments& arguments, const std::vector<std::string>& from_marker) {
  auto& paths = arguments.for_programs.paths;
  if (!from_marker.empty()) paths.insert(paths.end(), from_marker.begin() + 1, from_marker.end());
  arguments.for_programs.dry_run = arguments.for_system.dry_run;
  if (std::ranges::any_of(paths, &std::string::empty))
    throw Failure(kUsage, "PROGRAM: is empty; --help shows usage");
}

[[noreturn]] void adopt(Arguments& arguments) {
  const bool nothing_named = !arguments.system && arguments.for_programs.paths.empty();
  auto& again = arguments.for_programs.again;
  again = again || nothing_named;
  arguments.for_system.again = again && !arguments.system;
  const Root root(arguments.root);
  ExitStatus status = kDone;
  if (arguments.system || again) status = adopt_system(root, arguments.for_system);
  if (again || !arguments.for_programs.paths.empty())
    status = std::max(status, adopt_programs(root, arguments.for_programs));
  throw Ended{status};
}

[[noreturn]] void release(Arguments& arguments) {
  auto& programs = arguments.for_programs;
  programs.again = arguments.all;
  if (!arguments.all && !arguments.system && programs.paths.empty())
    throw Failure(kUsage, "PROGRAM, --system or --all is missing; --help shows usage");
  const Root root(arguments.root);
  ExitStatus status = kDone;
  if (arguments.system || arguments.all) status = release_system(root, arguments.for_system);
  if (arguments.all || !programs.paths.empty())
    status = std::max(status, release_programs(root, programs));
  throw Ended{status};
}

}  // namespace

void add_adopt(CLI::App& app, const std::vector<std::string>& from_marker) {
  CLI::App* command = app.add_subcommand("adopt", "Make ld-seal the loader of programs, or of all");
  const auto arguments = std::make_shared<Arguments>();
  add_common(*command, arguments);
  command->add_flag("--again", arguments->for_programs.again,
                    "Complete what was interrupted, redo what an upgrade undid");
  command->add_flag("--force", arguments->for_system.force,
                    "Exchange the system's loader although the proof failed");
  command->footer(kAdoptFooter);
  command->callback([arguments, from_marker] {
    take(*arguments, from_marker);
    adopt(*arguments);
  });
}

void add_release(CLI::App& app, const std::vector<std::string>& from_marker) {
  CLI::App* command = app.add_subcommand("release", "Give programs, or all, back to libc's rtld");
  const auto arguments = std::make_shared<Arguments>();
  add_common(*command, arguments);
  command->add_flag("--all", arguments->all, "The system and every recorded program");
  command->footer(kReleaseFooter);
  command->callback([arguments, from_marker] {
    take(*arguments, from_marker);
    release(*arguments);
  });
}

void add_status(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("status", "Say what is adopted, and what is wrong with it");
  const auto arguments = std::make_shared<Arguments>();
  add_root(*command, arguments);
  command->add_flag("--json", arguments->json, "One JSON object instead of lines");
  command->footer(kStatusFooter);
  command->callback([arguments] {
    const Root root(arguments->root);
    throw Ended{arguments->json ? print_status_json(root) : print_status(root)};
  });
}

}  // namespace sealctl
