// See run_settings.h. The words of a policy are read by the loader's own source.
#include "tools/sealctl/run_settings.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <ldseal/exempt.h>

#include "ldso/seal/policy.h"
#include "tools/sealctl/check/heap_arena.h"
#include "tools/sealctl/classes.h"
#include "tools/sealctl/failure.h"
#include "tools/sealctl/text.h"

namespace sealctl {
namespace {

// The words of LDSEAL_DEBUG (ldso/words/trace_text.cc) that concern a running program. A test
// compares them with those that the loader lists.
constexpr std::array<std::string_view, 12> kTraceWords = {
    "libs",   "files", "symbols", "bindings", "reloc",      "versions",
    "scopes", "tls",   "seal",    "threads",  "statistics", "all"};

// These return what is wrong with a value; an empty text: nothing.
std::string fault_in_policy(const std::string& words) {
  if (words.empty()) return "no words; ldseal-policy(7) has them";
  check::HeapArena arena;
  ldseal::Policy policy;
  const ldseal::Status status = ldseal::apply_words(policy, words.c_str(), "", "", arena);
  if (status) return {};
  return fmt::format("{}: unknown word; there are on, off, require, +CLASS and -CLASS",
                     status.error().name);
}

std::string fault_in_trace_words(const std::string& list) {
  std::string_view rest = list;
  do {
    const std::string_view word = take(rest, ',');
    if (std::ranges::find(kTraceWords, word) == kTraceWords.end())
      return fmt::format("{}: unknown word; there are {}", word, fmt::join(kTraceWords, ", "));
  } while (!rest.empty());
  return {};
}

void set_variable(const char* name, const std::string& value) {
  if (value.empty()) return;
  if (setenv(name, value.c_str(), 1) != 0)
    throw Failure(kOwnFailure, fmt::format("cannot set {}: {}", name, std::strerror(errno)));
}

}  // namespace

void add_run_settings(CLI::App& subcommand, RunSettings& settings) {
  subcommand.add_option("--policy", settings.policy, "What is sealed: words of ldseal-policy(7)")
      ->type_name("WORD[,WORD]...")
      ->check(fault_in_policy);
  subcommand.add_option("--guard", settings.guard, "How guards are put under stacks of threads")
      ->type_name("KIND")
      ->check(CLI::IsMember({"auto", "madv", "prot", "off"}));
  subcommand.add_option("--exempt", settings.exempt, "Classes that are not sealed")
      ->type_name("CLASS[,CLASS]...");
}

void add_trace_option(CLI::App& subcommand, std::string& words) {
  subcommand
      .add_option("--trace", words, "What ld-seal writes to standard error: seal, threads, ...")
      ->type_name("WORD[,WORD]...")
      ->check(fault_in_trace_words);
}

void apply(const RunSettings& settings) {
  set_variable("LDSEAL", settings.policy);
  set_variable("LDSEAL_GUARD", settings.guard);
  if (settings.exempt.empty()) return;
  if (ldseal_exempt(classes_named(settings.exempt)) != 0)
    throw Failure(kOwnFailure,
                  fmt::format("cannot install the seccomp filter: {}", std::strerror(errno)));
}

}  // namespace sealctl
