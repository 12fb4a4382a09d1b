// See reasons.h.
#include "tools/sealctl/check/reasons.h"

#include <array>

#include "ldso/base/text.h"
#include "ldso/words/sentences.h"

namespace sealctl::check {
namespace {

constexpr std::array kRules = {
    RuleText{"no-relro", "An object without RELRO keeps its GOT, vtables and destructors writable",
             "link it with -Wl,-z,relro"},
    RuleText{
        "writable-code", "A segment that is writable and executable is not sealed",
        "link it without a segment that is both: no -Wl,-N, no -z rwx, no section with \"awx\""},
    RuleText{"call-slots", "Calls go through slots that stay writable", "link it with -Wl,-z,now"},
    RuleText{"mutable", "The object asks for pages that are not sealed",
             "leave PT_GNU_MUTABLE and PT_OPENBSD_MUTABLE out of it"},
    RuleText{"unreadable", "A segment that cannot be read is not sealed",
             "link it without execute-only segments: -Wl,--no-execute-only"},
    RuleText{"policy", "The program's note takes a class away",
             "take the word out of the program's LDSEAL_POLICY"},
    RuleText{"executable-stack", "libc's rtld starts what asks for an executable stack",
             "build it with -Wl,-z,noexecstack, and assembly with .note.GNU-stack"},
    RuleText{"text-relocations", "libc's rtld starts what has text relocations",
             "build it as position-independent code: -fPIC, -Wl,-z,text"},
    RuleText{"audited", "libc's rtld starts what is audited",
             "link it without --audit and --depaudit"},
    RuleText{"large-tls",
             "libc's rtld starts what has more thread-local storage than ld-seal gives",
             "allocate what is large when it is used: it is not for every thread"},
    RuleText{"missing-library", "A library that it needs is not found",
             "install the library, or correct DT_RUNPATH"},
    RuleText{"missing-version", "A library does not have the version that is needed",
             "install the library in the version that the object is linked with"},
    RuleText{"missing-symbol", "No object defines a symbol that is needed",
             "install the libraries in the versions that the object is linked with"},
    RuleText{"processor", "The object needs a processor with more instructions",
             "build it for every processor that it is to run on: -march=x86-64"},
    RuleText{"bad-policy", "The program's note has a word that is unknown",
             "correct the word in the program's LDSEAL_POLICY"},
    RuleText{"damaged", "The file cannot be loaded", "install or build the file anew"},
    RuleText{"cannot-read", "The file cannot be read", "run sealctl as a user who may read it"},
    RuleText{"not-a-program", "It is an ELF file that no loader starts",
             "check the program or library that is made of it"},
    RuleText{"static", "No loader starts a static program",
             "link it with ldseal-cc, so that it seals itself"},
    RuleText{"other-machine", "It is for another machine or class",
             "check it with the sealctl of its machine; ld-seal runs 64-bit programs only"},
    RuleText{"not-elf", "It is not an ELF file", "check the program that runs it"},
};
static_assert(kRules.size() == static_cast<size_t>(Rule::kCount));

constexpr std::array<std::string_view, static_cast<size_t>(Outcome::kCount)> kOutcomes = {
    "sealed", "partly", "unsealed", "depends", "gives-way",
    "fails",  "static", "foreign",  "unknown"};
constexpr std::array<std::string_view, static_cast<size_t>(FileKind::kCount)> kKinds = {
    "program", "library", "static", "other"};

Rule rule_for(ldseal::Fault fault) {
  using ldseal::Fault;
  switch (fault) {
    case Fault::kExecutableStack:
      return Rule::kExecutableStack;
    case Fault::kHasTextRelocations:
      return Rule::kTextRelocations;
    case Fault::kIsAudited:
      return Rule::kAudited;
    case Fault::kTlsTooLarge:
      return Rule::kLargeTls;
    case Fault::kSymbolMissing:
      return Rule::kMissingSymbol;
    case Fault::kIsaLevelTooLow:
      return Rule::kProcessor;
    case Fault::kLibraryNotFound:
      return Rule::kMissingLibrary;
    case Fault::kVersionMissing:
    case Fault::kVersionFileMissing:
      return Rule::kMissingVersion;
    case Fault::kUnknownSealWord:
    case Fault::kUnknownSealClass:
      return Rule::kBadPolicy;
    case Fault::kCannotOpen:
    case Fault::kCannotRead:
    case Fault::kCannotStat:
      return Rule::kUnreadableFile;
    case Fault::kBadMachine:
    case Fault::kBadClass:
    case Fault::kBadByteOrder:
    case Fault::kBadOsAbi:
      return Rule::kOtherMachine;
    case Fault::kBadMagic:
      return Rule::kNotElf;
    case Fault::kBadType:
      return Rule::kNotAProgram;
    default:
      return Rule::kDamaged;
  }
}

}  // namespace

std::string_view word_for(Outcome outcome) { return kOutcomes[static_cast<size_t>(outcome)]; }

std::string_view word_for(FileKind kind) { return kKinds[static_cast<size_t>(kind)]; }

const RuleText& text_of(Rule rule) { return kRules[static_cast<size_t>(rule)]; }

Reason reason_for(const ldseal::Error& error, const std::string& object) {
  ldseal::TextBuffer<2048> text;
  ldseal::write_error(text, error);
  const bool names_object = error.object != nullptr && error.object[0] == '/';
  return {rule_for(error.fault), names_object ? error.object : object, "",
          std::string(text.text())};
}

Outcome outcome_of(Rule rule) {
  switch (rule) {
    case Rule::kExecutableStack:
    case Rule::kTextRelocations:
    case Rule::kAudited:
    case Rule::kLargeTls:
      return Outcome::kGivesWay;
    case Rule::kStatic:
      return Outcome::kStatic;
    case Rule::kOtherMachine:
    case Rule::kNotElf:
    case Rule::kNotAProgram:
      return Outcome::kForeign;
    case Rule::kMissingLibrary:
    case Rule::kMissingVersion:
    case Rule::kMissingSymbol:
    case Rule::kProcessor:
    case Rule::kBadPolicy:
    case Rule::kDamaged:
      return Outcome::kFails;
    case Rule::kUnreadableFile:
      return Outcome::kUnknown;
    default:
      return Outcome::kPartly;
  }
}

}  // namespace sealctl::check
