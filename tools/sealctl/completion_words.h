// What of a command line can be completed, read from the parser's own description of it.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/cli11.h"

namespace sealctl {

// What a value can be.
enum class ValueKind {
  kText,       // nothing is known of it
  kFile,       // a file
  kFolder,     // a folder
  kProcess,    // the number of a process
  kWords,      // one of `words`
  kWordsList,  // some of `words`, separated by commas
};

struct Value {
  ValueKind kind = ValueKind::kText;
  std::string name;  // as the help has it: FILE, CLASS
  std::vector<std::string> words;
};

struct CompletedOption {
  std::vector<std::string> spellings;  // "-h", "--help"
  std::string description;             // one line
  bool takes_value = false;
  Value value;
};

struct CompletedCommand {
  std::string name;
  std::string description;
  std::vector<CompletedOption> options;
  std::vector<Value> arguments;
  bool runs_command = false;  // the rest of the line is another command
  std::vector<CompletedCommand> subcommands;
};

// Describes `app` and its subcommands, apart from those that no help lists.
CompletedCommand completed(const CLI::App& app);

// The words separated by spaces; "" if there is none.
std::string joined(const std::vector<std::string>& words, const std::string& separator = " ");

// The spellings of every option that takes a value, then of every other option.
std::vector<std::string> spellings(const CompletedCommand& command, bool takes_value);

// The texts of the three shells' files.
std::string bash_completion(const CompletedCommand& command);
std::string zsh_completion(const CompletedCommand& command);
std::string fish_completion(const CompletedCommand& command);

}  // namespace sealctl
