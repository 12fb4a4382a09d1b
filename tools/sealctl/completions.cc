// See completions.h.
#include "tools/sealctl/completions.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <string_view>

#include "tools/sealctl/completion_words.h"
#include "tools/sealctl/failure.h"

namespace sealctl {
namespace {

constexpr char kCompletionsDescription[] = "Write the completions of a shell to standard output";

struct Shell {
  std::string_view name;
  std::string (*completion)(const CompletedCommand&);
};

constexpr std::array kShells = {
    Shell{"bash", bash_completion},
    Shell{"zsh", zsh_completion},
    Shell{"fish", fish_completion},
};

void write(const CLI::App& app, const std::string& name) {
  for (const Shell& shell : kShells) {
    if (shell.name != name) continue;
    fmt::print("{}", shell.completion(completed(app)));
    if (std::fflush(stdout) != 0) throw Failure(kOwnFailure, "cannot write to standard output");
    return;
  }
  throw Failure(kOwnFailure, fmt::format("{}: unknown shell; there are bash, zsh and fish", name));
}

}  // namespace

void add_completions(CLI::App& app) {
  CLI::App* subcommand = app.add_subcommand("completions", kCompletionsDescription);
  auto shell = std::make_shared<std::string>();
  subcommand->add_option("SHELL", *shell, "bash, zsh or fish")->required();
  subcommand->group("");
  subcommand->callback([&app, shell] { write(app, *shell); });
}

}  // namespace sealctl
