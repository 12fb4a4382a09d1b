// What ld-seal will do with a file, and why it will not do more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sealctl::check {

enum class Outcome : uint8_t {
  kSealed,    // everything that is sealed by default
  kPartly,    // something of it is not
  kUnsealed,  // its own note takes all of it away
  kDepends,   // it does not start on every processor, and is sealed where it does
  kGivesWay,  // libc's rtld starts it, and only the kernel's mappings are sealed
  kFails,     // it does not start
  kStatic,    // no loader starts it, and it does not seal itself
  kForeign,   // it is nothing that ld-seal starts
  kUnknown,   // the file may not be read
  kCount
};
// "sealed", "partly", …
std::string_view word_for(Outcome outcome);

// Why not everything is sealed. The table in reasons.cc has a row for each.
enum class Rule : uint8_t {
  kNoRelro,
  kWritableCode,
  kCallSlots,
  kMutable,
  kUnreadable,
  kPolicy,
  kExecutableStack,
  kTextRelocations,
  kAudited,
  kLargeTls,
  kMissingLibrary,
  kMissingVersion,
  kMissingSymbol,
  kProcessor,
  kBadPolicy,
  kDamaged,
  kUnreadableFile,
  kNotAProgram,
  kStatic,
  kOtherMachine,
  kNotElf,
  kCount
};

struct RuleText {
  const char* word;        // "no-relro"
  const char* title;       // one sentence about the rule itself
  const char* what_to_do;  // about every object for which it holds
};
const RuleText& text_of(Rule rule);

struct Reason {
  Rule rule = Rule::kDamaged;
  std::string object;   // the path of the object at fault, in the root
  std::string segment;  // "PT_LOAD 2 (rwx)", or empty
  std::string text;     // what is wrong with it
};

enum class FileKind : uint8_t { kProgram, kLibrary, kStatic, kOther, kCount };
std::string_view word_for(FileKind kind);

struct Prediction {
  std::string path;  // in the root
  FileKind kind = FileKind::kOther;
  Outcome outcome = Outcome::kSealed;
  std::string interpreter;  // PT_INTERP
  std::string policy;       // the words of its note
  size_t objects = 0;       // with which it starts, itself included
  std::vector<Reason> reasons;
};

}  // namespace sealctl::check
