// The attacks on sealed memory, as a table: those of tests/seal that a seal must stop, and the ways
// around seals that Linux leaves.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tools/sealctl/prove/tracee.h"

namespace sealctl::prove {

// The pages that are attacked.
struct Target {
  uint64_t start;
  uint64_t end;
  int protection;  // PROT_...
  uint64_t page;
  uint64_t length() const { return end - start; }
};

struct Attack {
  std::string_view name;
  // In a copy of the program. Returns what the kernel answered to the call that attacks, or to one
  // that prepares it and failed. None: the copy has ended.
  std::optional<Answer> (*make)(Tracee& copy, const Target& target);
  bool is_stopped_by_seals = true;  // else: the kernel lets it through
  bool shows_after_fork = false;    // what it does is seen in a copy of the copy
};

std::span<const Attack> all_attacks();

}  // namespace sealctl::prove
