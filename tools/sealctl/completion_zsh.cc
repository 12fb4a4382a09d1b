// The completions of zsh: a function for sealctl and one for each subcommand, by _arguments.
#include <algorithm>
#include <fmt/format.h>

#include "tools/sealctl/completion_words.h"

namespace sealctl {
namespace {

// Escapes a text for a single-quoted specification of _arguments, in which `:`, `[` and `]` mean
// something.
std::string zsh_escaped(const std::string& text) {
  std::string made;
  for (const char letter : text) {
    if (letter == '\'') {
      made += "'\\''";
      continue;
    }
    if (letter == ':' || letter == '[' || letter == ']' || letter == '\\') made += '\\';
    made += letter;
  }
  return made;
}

std::string zsh_action(const Value& value) {
  switch (value.kind) {
    case ValueKind::kFile:
      return "_files";
    case ValueKind::kFolder:
      return "_files -/";
    case ValueKind::kProcess:
      return "_pids";
    case ValueKind::kWords:
      return fmt::format("({})", joined(value.words));
    case ValueKind::kWordsList:
      return fmt::format("_values -s , word {}", joined(value.words));
    case ValueKind::kText:
      break;
  }
  return " ";
}

std::string label(const Value& value) {
  return zsh_escaped(value.name.empty() ? "value" : value.name);
}

// One specification for each spelling; a spelling excludes the others.
std::string option_lines(const CompletedOption& option) {
  std::string lines;
  for (const std::string& spelling : option.spellings) {
    const bool is_long = spelling.starts_with("--");
    const std::string mark = !option.takes_value ? "" : (is_long ? "=" : "+");
    const std::string value =
        option.takes_value ? fmt::format(":{}:{}", label(option.value), zsh_action(option.value))
                           : "";
    lines += fmt::format("    '({}){}{}[{}]{}' \\\n", joined(option.spellings), spelling, mark,
                         zsh_escaped(option.description), value);
  }
  return lines;
}

std::string function_name(const CompletedCommand& command) { return "_sealctl_" + command.name; }

std::string subcommand_function(const CompletedCommand& command) {
  std::string text = fmt::format("{}() {{\n  _arguments -s -S \\\n", function_name(command));
  for (const CompletedOption& option : command.options) text += option_lines(option);
  if (command.runs_command)
    text += "    '(-)1:command:_command_names -e' \\\n    '*::argument:_normal'\n";
  else if (!command.arguments.empty())
    text += fmt::format("    '*:{}:{}'\n", label(command.arguments.back()),
                        zsh_action(command.arguments.back()));
  else
    text += "    && return\n";
  return text + "}\n\n";
}

std::string main_function(const CompletedCommand& command) {
  std::string text =
      "_sealctl() {\n  local context state state_descr line ret=1\n"
      "  typeset -A opt_args\n  _arguments -C \\\n";
  for (const CompletedOption& option : command.options) text += option_lines(option);
  text +=
      "    '1:subcommand:->subcommand' \\\n    '*::argument:->argument' && ret=0\n"
      "  case $state in\n    subcommand)\n      local -a subcommands=(\n";
  for (const CompletedCommand& each : command.subcommands)
    text += fmt::format("        '{}:{}'\n", each.name, zsh_escaped(each.description));
  text +=
      "      )\n      _describe subcommand subcommands && ret=0\n      ;;\n"
      "    argument)\n      case $words[1] in\n";
  for (const CompletedCommand& each : command.subcommands)
    text += fmt::format("        {}) {} && ret=0 ;;\n", each.name, function_name(each));
  return text + "      esac\n      ;;\n  esac\n  return ret\n}\n\n";
}

}  // namespace

std::string zsh_completion(const CompletedCommand& command) {
  std::string text =
      "#compdef sealctl\n"
      "# Completions of sealctl for zsh, written by `sealctl completions zsh`.\n\n";
  for (const CompletedCommand& each : command.subcommands) text += subcommand_function(each);
  return text + main_function(command) + "_sealctl \"$@\"\n";
}

}  // namespace sealctl
