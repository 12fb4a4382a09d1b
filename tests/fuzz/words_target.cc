// Fuzzes words that people write: the text is split at newlines into a command line, an environment, and what single
// variables hold.
#include <string>

#include "ldso/seal/policy.h"
#include "ldso/start/options.h"
#include "ldso/words/report.h"
#include "ldso/words/trace_text.h"
#include "tests/fuzz/exact_arena.h"
#include "tests/fuzz/fuzz_kernel.h"
#include "tests/lib_cc/initial_stack.h"

namespace ldseal::fuzz {
namespace {

using Words = std::vector<std::string>;

bool succeeds(const Status& status) {
  if (!status) report(status.error());
  return static_cast<bool>(status);
}

Words lines_of(std::string_view text) {
  Words lines;
  std::string_view line;
  while (split_next(text, std::string_view("\n\0", 2), line)) lines.emplace_back(line);
  return lines;
}

void read_words(const Words& words) {
  ExactArena arena;
  for (const std::string& word : words) {
    Policy policy;
    succeeds(apply_words(policy, word, "program", "LDSEAL", arena));
    try {
      add_trace_words(word.c_str());
      succeeds(start_tracing(nullptr));
    } catch (const ProcessEnded&) {  // help
    }
  }
}

void read_stack(const Words& words, uint64_t secure) {
  testing_tools::InitialStack memory(words, words, {{AT_SECURE, secure}, {AT_PAGESZ, 4096}});
  ProcessStack stack = memory.read();
  Options options;
  read_environment(options, stack);
  succeeds(read_command_line(options, stack));
}

}  // namespace
}  // namespace ldseal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  ldseal::fuzz::FuzzKernel kernel;
  auto words = ldseal::fuzz::lines_of({reinterpret_cast<const char*>(data), size});
  ldseal::fuzz::read_words(words);
  for (uint64_t secure : {0, 1}) ldseal::fuzz::read_stack(words, secure);
  return 0;
}
