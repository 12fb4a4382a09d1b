// See run.h.
#include "tools/sealctl/run.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <ldseal/exempt.h>
#include <memory>
#include <unistd.h>

#include "tools/sealctl/classes.h"
#include "tools/sealctl/failure.h"

namespace sealctl {
namespace {

constexpr char kDescription[] = "Run a command that the loader seals less of, or nothing";

constexpr char kFooter[] =
    R"(For programs that must rearrange an address space that ld-seal would seal: checkpointers,
recorders, sandboxes.

Classes:
  text     segments that are not writable, of every object
  relro    what is read-only once it is relocated
  system   the kernel's vdso, vvar and vvar_vclock
  loader   the loader's own records
  data     writable segments
  dlopen   objects that are opened later
  guards   the guard pages under thread stacks
  all      every class, those that a later loader may have too

COMMAND and all that it starts are exempt for good; a program that runs already is not touched. The
exemption is a seccomp filter: it answers the question that the loader asks before it seals, and
lets everything else pass. It comes with no_new_privs, for root as well: what COMMAND starts runs
without set-user-ID, set-group-ID and file capabilities. Programs that ld-seal does not start notice
nothing else.

Exit status: that of COMMAND; 125 if sealctl itself fails, 126 if COMMAND is found and cannot be
run, 127 if it is not found.

Examples:
  sealctl run --exempt=all -- criu restore --images-dir dump
  sealctl run --exempt=system,text ./supervisor --verbose program)";

// The parser knows no command, it only leaves one over: the usage line must be told.
class UsageWithCommand : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string name) const override {
    return fmt::format("Usage: {} --exempt=CLASS[,CLASS]... [--] COMMAND [ARGUMENTS]...\n", name);
  }
};

// `left_over` are the words from the first one on that is neither an option nor an option's value.
std::vector<std::string> command_from(std::vector<std::string> left_over,
                                      std::vector<std::string> from_marker) {
  if (left_over.empty()) {
    if (!from_marker.empty()) from_marker.erase(from_marker.begin());
    return from_marker;
  }
  if (left_over.front().starts_with('-')) throw unknown("option", left_over.front());
  left_over.insert(left_over.end(), from_marker.begin(), from_marker.end());
  return left_over;
}

[[noreturn]] void execute(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  const int error = errno;
  throw Failure(error == ENOENT ? kNotFound : kCannotRun,
                fmt::format("{}: cannot run: {}", command.front(), std::strerror(error)));
}

[[noreturn]] void run(const std::string& exempt, std::vector<std::string> command) {
  if (exempt.empty()) throw missing("--exempt");
  if (command.empty()) throw missing("COMMAND");
  if (ldseal_exempt(classes_named(exempt)) != 0)
    throw Failure(kOwnFailure,
                  fmt::format("cannot install the seccomp filter: {}", std::strerror(errno)));
  execute(std::move(command));
}

}  // namespace

void add_run(CLI::App& app, const std::vector<std::string>& from_marker) {
  CLI::App* subcommand = app.add_subcommand("run", kDescription);
  auto exempt = std::make_shared<std::string>();
  subcommand->add_option("--exempt", *exempt, "What is not to be sealed")
      ->type_name("CLASS[,CLASS]...");
  subcommand->prefix_command();
  subcommand->formatter(std::make_shared<UsageWithCommand>());
  subcommand->footer(kFooter);
  subcommand->callback([subcommand, exempt, from_marker] {
    run(*exempt, command_from(subcommand->remaining(), from_marker));
  });
}

}  // namespace sealctl
