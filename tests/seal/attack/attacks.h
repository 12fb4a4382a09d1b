// Every way that Linux has to change, move or throw away memory of one's own, as a table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "tracee.h"

struct Span {
  std::uint64_t start, end;
  std::uint64_t length() const { return end - start; }
};

// The range under attack, and what an attack needs to know of its surroundings.
struct Target {
  Span range;
  int protection;
  std::uint64_t page;
};

enum class Reach { kWhole, kPart, kSpanning };

struct Attack {
  const char* name;
  Reach reach;
  // In a copy of the program; what the kernel answered to the last call, the one that attacks.
  std::optional<Answer> (*make)(Tracee& copy, Span span, const Target& target);
  bool shows_after_fork = false;  // what it does, it does to the next fork
};

std::span<const Attack> all_attacks();
const char* name_of(Reach reach);
// The part of the target that the attack is aimed at; nothing if the target is too small for it.
std::optional<Span> aim(Reach reach, const Target& target);
// Maps pages directly before and after the target where nothing is: a span over both has no gap.
void fill_neighbours(Tracee& copy, const Target& target);
