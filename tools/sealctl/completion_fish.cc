// The completions of fish: one `complete` for each subcommand and each option.
#include <fmt/format.h>

#include "tools/sealctl/completion_words.h"

namespace sealctl {
namespace {

// Only these words are completed after sealctl and its subcommands; files are where they are asked
// for.
constexpr char kFishStart[] =
    R"(# Completions of sealctl for fish, written by `sealctl completions fish`.

function __sealctl_list --description 'Some of the words, separated by commas'
    set -l before (string replace --regex '[^,=]*$' '' -- (commandline --current-token))
    set before (string replace --regex '^--?[^=]*=' '' -- $before)
    for word in $argv
        echo $before$word
    end
end

complete --command sealctl --no-files
)";

std::string fish_escaped(const std::string& text) {
  std::string made;
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') made += '\\';
    made += letter;
  }
  return made;
}

// The words of `complete` that say what a value can be.
std::string value_words(const Value& value) {
  switch (value.kind) {
    case ValueKind::kFile:
      return " --force-files";
    case ValueKind::kFolder:
      return " --no-files --arguments '(__fish_complete_directories)'";
    case ValueKind::kProcess:
      return " --no-files --arguments '(__fish_complete_pids)'";
    case ValueKind::kWords:
      return fmt::format(" --no-files --arguments '{}'", joined(value.words));
    case ValueKind::kWordsList:
      return fmt::format(" --no-files --arguments '(__sealctl_list {})'", joined(value.words));
    case ValueKind::kText:
      break;
  }
  return " --no-files";
}

std::string option_line(const CompletedOption& option, const std::string& condition) {
  std::string line = fmt::format("complete --command sealctl --condition '{}'", condition);
  for (const std::string& spelling : option.spellings)
    line += spelling.starts_with("--") ? fmt::format(" --long-option {}", spelling.substr(2))
                                       : fmt::format(" --short-option {}", spelling.substr(1));
  if (option.takes_value) line += " --require-parameter" + value_words(option.value);
  return line + fmt::format(" --description '{}'\n", fish_escaped(option.description));
}

std::string subcommand_lines(const CompletedCommand& command) {
  const std::string condition = "__fish_seen_subcommand_from " + command.name;
  std::string lines = fmt::format(
      "\ncomplete --command sealctl --condition __fish_use_subcommand --arguments {} "
      "--description '{}'\n",
      command.name, fish_escaped(command.description));
  for (const CompletedOption& option : command.options) lines += option_line(option, condition);
  if (command.runs_command)
    lines += fmt::format(
        "complete --command sealctl --condition '{}' --arguments "
        "'(__fish_complete_subcommand --fcs-skip=2)'\n",
        condition);
  else if (!command.arguments.empty())
    lines += fmt::format("complete --command sealctl --condition '{}'{}\n", condition,
                         value_words(command.arguments.back()));
  return lines;
}

}  // namespace

std::string fish_completion(const CompletedCommand& command) {
  std::string text = kFishStart;
  for (const CompletedOption& option : command.options)
    text += option_line(option, "__fish_use_subcommand");
  for (const CompletedCommand& each : command.subcommands) text += subcommand_lines(each);
  return text;
}

}  // namespace sealctl
