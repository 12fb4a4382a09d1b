// See run.h.
#include "tools/sealctl/run.h"

#include <CLI/CLI.hpp>
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

constexpr char kRunDescription[] = "Run a command with less or no sealing";

constexpr char kRunFooter[] =
    R"(For programs that must rearrange an address space that ld-seal would seal: checkpointers,
recorders, sandboxes.

Classes:
  text     segments that are not writable, of every object
  relro    memory that is read-only after relocation
  system   the kernel's vdso, vvar and vvar_vclock
  loader   ld-seal's own records
  plt      the addresses that calls between objects go through
  data     writable segments
  dlopen   objects that are opened with dlopen
  stack    the first thread's stack
  wx       memory that becomes executable
  guards   the guard pages under thread stacks
  all      every class, also those of later versions

COMMAND and all programs that it starts stay exempt; a program that runs already is not affected.
The exemption is a seccomp filter. It answers the question that ld-seal asks before it seals, and
allows every other system call. It sets no_new_privs, for root as well: programs that COMMAND starts
run without set-user-ID, set-group-ID and file capabilities. Programs that ld-seal does not start
are not affected otherwise.

Exit status: that of COMMAND; 125 if sealctl itself fails, 126 if COMMAND is found and cannot be
run, 127 if it is not found.

Examples:
  sealctl run --exempt=all -- criu restore --images-dir dump
  sealctl run --exempt=system,text ./supervisor --verbose program)";

// Writes the usage line, because the parser does not know that COMMAND is expected.
class UsageWithCommand : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string name) const override {
    return fmt::format("Usage: {} --exempt=CLASS[,CLASS]... [--] COMMAND [ARGUMENTS]...\n", name);
  }
};

// The command. `left_over` are the arguments from the first one that is neither an option nor an
// option's value.
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
  arguments.reserve(command.size() + 1);
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
  CLI::App* subcommand = app.add_subcommand("run", kRunDescription);
  auto exempt = std::make_shared<std::string>();
  subcommand->add_option("--exempt", *exempt, "Classes that are not sealed")
      ->type_name("CLASS[,CLASS]...");
  subcommand->prefix_command();
  subcommand->formatter(std::make_shared<UsageWithCommand>());
  subcommand->footer(kRunFooter);
  subcommand->callback([subcommand, exempt, from_marker] {
    run(*exempt, command_from(subcommand->remaining(), from_marker));
  });
}

}  // namespace sealctl
