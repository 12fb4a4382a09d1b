// See run.h.
#include "tools/sealctl/run.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/run_settings.h"

namespace sealctl {
namespace {

constexpr char kRunDescription[] = "Run a command with another policy, or with less sealing";

constexpr char kRunFooter[] =
    R"(At least one of the options is needed. --policy, --guard and --trace set the variables LDSEAL,
LDSEAL_GUARD and LDSEAL_DEBUG. Programs with more privileges than their caller ignore them, and so
do programs that ld-seal does not start. To a program whose note says `final` they can only add.

--exempt is for programs that must rearrange an address space that ld-seal would seal:
checkpointers, recorders, sandboxes. Its classes:
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
  sealctl run --policy=require,+data -- ./server
  sealctl run --trace=seal,threads --guard=prot ./program
  sealctl run --exempt=all -- criu restore --images-dir dump
  sealctl run --exempt=system,text ./supervisor --verbose program)";

// Writes the usage line, because the parser does not know that COMMAND is expected.
class UsageWithCommand : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string name) const override {
    return fmt::format("Usage: {} OPTION... [--] COMMAND [ARGUMENTS]...\n", name);
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

struct RunOptions {
  RunSettings settings;
  std::string trace;
};

[[noreturn]] void run(const RunOptions& options, std::vector<std::string> command) {
  if (options.settings.is_empty() && options.trace.empty())
    throw missing("--exempt, --guard, --policy or --trace");
  if (command.empty()) throw missing("COMMAND");
  apply(options.settings);
  if (!options.trace.empty()) (void)setenv("LDSEAL_DEBUG", options.trace.c_str(), 1);
  execute(std::move(command));
}

}  // namespace

void add_run(CLI::App& app, const std::vector<std::string>& from_marker) {
  CLI::App* subcommand = app.add_subcommand("run", kRunDescription);
  auto options = std::make_shared<RunOptions>();
  add_run_settings(*subcommand, options->settings);
  add_trace_option(*subcommand, options->trace);
  subcommand->prefix_command();
  subcommand->formatter(std::make_shared<UsageWithCommand>());
  subcommand->footer(kRunFooter);
  subcommand->callback([subcommand, options, from_marker] {
    run(*options, command_from(subcommand->remaining(), from_marker));
  });
}

}  // namespace sealctl
