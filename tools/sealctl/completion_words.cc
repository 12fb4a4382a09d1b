// See completion_words.h.
#include "tools/sealctl/completion_words.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "tools/sealctl/classes.h"

namespace sealctl {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// The words of a description like "TEXT:{a,b,c}", which the parser makes of the values it allows.
std::vector<std::string> allowed_words(std::string_view type) {
  const size_t open = type.find('{');
  const size_t close = type.find('}', open == type.npos ? type.size() : open);
  if (close == type.npos) return {};
  std::vector<std::string> words;
  std::string_view rest = type.substr(open + 1, close - open - 1);
  for (size_t comma; (comma = rest.find(',')) != rest.npos; rest.remove_prefix(comma + 1))
    words.emplace_back(rest.substr(0, comma));
  words.emplace_back(rest);
  return words;
}

Value value_of(const std::string& type) {
  if (contains(type, "CLASS")) return {ValueKind::kWordsList, type, class_names()};
  if (std::vector<std::string> words = allowed_words(type); !words.empty())
    return {ValueKind::kWords, type, std::move(words)};
  for (const char* name : {"DIR", "FOLDER", "ROOT"})
    if (contains(type, name)) return {ValueKind::kFolder, type, {}};
  for (const char* name : {"FILE", "PATH", "PROGRAM", "GLOB"})
    if (contains(type, name)) return {ValueKind::kFile, type, {}};
  if (contains(type, "PID")) return {ValueKind::kProcess, type, {}};
  return {ValueKind::kText, type, {}};
}

// The first line, without the full stop that shells do not show.
std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.ends_with('.')) text.pop_back();
  return text;
}

CompletedOption option_of(const CLI::Option& option) {
  CompletedOption made;
  for (const std::string& name : option.get_snames()) made.spellings.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) made.spellings.push_back("--" + name);
  made.description = first_line(option.get_description());
  made.takes_value = option.get_items_expected_max() > 0;
  if (made.takes_value) made.value = value_of(option.get_type_name());
  return made;
}

bool is_listed(const CLI::Option* option) { return !option->get_group().empty(); }

bool is_listed(const CLI::App* app) { return !app->get_group().empty(); }

}  // namespace

CompletedCommand completed(const CLI::App& app) {
  CompletedCommand command{app.get_name(), first_line(app.get_description()), {}, {}, false, {}};
  command.runs_command = app.get_prefix_command();
  for (const CLI::Option* option :
       app.get_options([](const CLI::Option* each) { return is_listed(each); })) {
    if (option->nonpositional()) command.options.push_back(option_of(*option));
    if (option->get_positional())
      command.arguments.push_back(value_of(option->get_type_name() + ":" + option->get_name(true)));
  }
  for (const CLI::App* each :
       app.get_subcommands([](const CLI::App* subcommand) { return is_listed(subcommand); }))
    command.subcommands.push_back(completed(*each));
  return command;
}

std::string joined(const std::vector<std::string>& words, const std::string& separator) {
  return fmt::format("{}", fmt::join(words, separator));
}

std::vector<std::string> spellings(const CompletedCommand& command, bool takes_value) {
  std::vector<std::string> found;
  for (const CompletedOption& option : command.options)
    if (option.takes_value == takes_value)
      found.insert(found.end(), option.spellings.begin(), option.spellings.end());
  return found;
}

}  // namespace sealctl
