// What the fuzzers of whole objects share: the files that the fuzzed one meets, and what is done with an object whose
// tables are trusted.
#pragma once

#include <span>
#include <vector>

#include "ldso/image/graph.h"
#include "ldso/link/linker.h"
#include "ldso/link/tls_layout.h"
#include "tests/fuzz/exact_arena.h"
#include "tests/fuzz/fuzz_kernel.h"

namespace ldseal::fuzz {

constexpr PageSize kPages{4096};

// Describes modules again with all memory poisoned that belongs to no segment of theirs, as long as this lives.
class ExactMemory {
 public:
  ExactMemory() = default;
  ~ExactMemory();
  ExactMemory(const ExactMemory&) = delete;
  ExactMemory& operator=(const ExactMemory&) = delete;

  Status describe_again(Module& module, Arena& arena);

 private:
  std::vector<AddressRange> poisoned_;
};

// "fuzzed.so" and "/program" are the fuzzed bytes; "libneeded.so" is right and defines what the seeds refer to.
void add_files(FuzzKernel& kernel, std::span<const unsigned char> fuzzed);

SearchSettings search_settings(const Module& program);

// Notes are told to nobody, errors become their sentence.
bool succeeds(const Status& status);

// Look-ups of every name that the modules have, in each of them and in the scope.
void look_everything_up(std::span<Module* const> modules, const Scope& scope);

// The initial images of thread-local storage, if a block of that size can be had.
void copy_tls(std::span<Module* const> modules, const TlsLayout& layout);

void protect_relro(std::span<Module* const> modules);

// The plan of sealing, under a policy with every class and what the first module's own notes say.
void plan_seals(std::span<Module* const> modules, Arena& arena);

}  // namespace ldseal::fuzz
