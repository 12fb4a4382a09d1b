// The completions of bash: one function, and a `complete` that names it.
#include <fmt/format.h>

#include "tools/sealctl/completion_words.h"

namespace sealctl {
namespace {

// Finds the option whose value is completed, and the subcommand. Bash makes "=" a word.
constexpr char kBashStart[] =
    R"(# Completions of sealctl for bash, written by `sealctl completions bash`.

_sealctl_words() { # the words that can stand here
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}

_sealctl_list() { # the words of which some, separated by commas, can stand here
  local before=
  [[ $current == *,* ]] && before=${current%,*},
  COMPREPLY=($(compgen -P "$before" -W "$1" -- "${current##*,}"))
  compopt -o nospace
}

_sealctl_files() { # an option of compgen: -f for files, -d for folders
  local IFS=$'\n'
  COMPREPLY=($(compgen "$1" -- "$current"))
  compopt -o filenames
}

_sealctl_processes() {
  COMPREPLY=($(cd /proc && compgen -G "$current[0-9]*" | grep -x '[0-9]*'))
}

# Completes the command that begins with the first word from $at on that is no option; fails if there is none yet.
_sealctl_command() { # the options that take a value
  for (( ; at < COMP_CWORD; at++)); do
    case " $1 " in
      *" ${COMP_WORDS[at]} "*)
        [ "${COMP_WORDS[at + 1]}" != = ] || at=$((at + 1))
        at=$((at + 1))
        continue
        ;;
    esac
    case ${COMP_WORDS[at]} in
      --) at=$((at + 1)) && break ;;
      -*) ;;
      *) break ;;
    esac
  done
  [ $at -le $COMP_CWORD ] || return
  if [ $at -eq $COMP_CWORD ]; then
    [[ $current != -* ]] || return
    COMPREPLY=($(compgen -c -- "$current"))
  elif declare -F _command_offset >/dev/null; then
    _command_offset $at
  else
    _sealctl_files -f
  fi
}

_sealctl() {
  local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} command= at
  COMPREPLY=()
  if [ "$current" = = ]; then
    current=
  elif [ "$option" = = ]; then
    option=${COMP_WORDS[COMP_CWORD - 2]}
  fi
)";

constexpr char kBashEnd[] = R"(}

complete -F _sealctl sealctl
)";

std::string bash_action(const Value& value) {
  switch (value.kind) {
    case ValueKind::kFile:
      return "_sealctl_files -f";
    case ValueKind::kFolder:
      return "_sealctl_files -d";
    case ValueKind::kProcess:
      return "_sealctl_processes";
    case ValueKind::kWords:
      return fmt::format("_sealctl_words '{}'", joined(value.words));
    case ValueKind::kWordsList:
      return fmt::format("_sealctl_list '{}'", joined(value.words));
    case ValueKind::kText:
      break;
  }
  return ":";
}

// The cases of "command/option" in which a value is completed.
std::string value_cases(const CompletedCommand& command, const std::string& name) {
  std::string cases;
  for (const CompletedOption& option : command.options) {
    if (!option.takes_value) continue;
    std::vector<std::string> patterns;
    for (const std::string& spelling : option.spellings)
      patterns.push_back(fmt::format("{}/{}", name, spelling));
    cases += fmt::format("    {}) {} && return ;;\n", joined(patterns, " | "),
                         bash_action(option.value));
  }
  return cases;
}

std::string find_subcommand(const CompletedCommand& command) {
  std::vector<std::string> names;
  for (const CompletedCommand& each : command.subcommands) names.push_back(each.name);
  return fmt::format(
      "  for ((at = 1; at < COMP_CWORD; at++)); do\n"
      "    case ${{COMP_WORDS[at]}} in\n"
      "      {}) command=${{COMP_WORDS[at]}} && break ;;\n"
      "    esac\n"
      "  done\n"
      "  at=$((at + 1))\n",
      joined(names, " | "));
}

std::string every_option(const CompletedCommand& command) {
  std::vector<std::string> all = spellings(command, true);
  for (const std::string& each : spellings(command, false)) all.push_back(each);
  return joined(all);
}

// What stands for itself: a subcommand's options and arguments.
std::string word_case(const CompletedCommand& command) {
  std::string otherwise = command.arguments.empty() ? ":" : bash_action(command.arguments.back());
  std::string text = fmt::format("    {})\n", command.name);
  if (command.runs_command)
    text +=
        fmt::format("      _sealctl_command '{}' && return\n", joined(spellings(command, true)));
  return text + fmt::format(
                    "      if [[ $current == -* ]]; then _sealctl_words '{}'; else {}; fi\n"
                    "      ;;\n",
                    every_option(command), otherwise);
}

std::string first_word_case(const CompletedCommand& command) {
  std::string words = every_option(command);
  for (const CompletedCommand& each : command.subcommands) words += " " + each.name;
  return fmt::format("    *) _sealctl_words '{}' ;;\n", words);
}

}  // namespace

std::string bash_completion(const CompletedCommand& command) {
  std::string text = kBashStart + find_subcommand(command) + "  case $command/$option in\n";
  text += value_cases(command, "");
  for (const CompletedCommand& each : command.subcommands) text += value_cases(each, each.name);
  text += "    */*) ;;\n  esac\n  case $command in\n";
  for (const CompletedCommand& each : command.subcommands) text += word_case(each);
  return text + first_word_case(command) + "  esac\n" + kBashEnd;
}

}  // namespace sealctl
