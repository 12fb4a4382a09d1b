// Makes every attack on every mapping that ld-seal seals by default, each in a copy of a fresh
// start, and judges by the kernel's answer and by the memory afterwards. Then attacks what decides
// where the program goes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/sealctl/map/describe.h"
#include "tools/sealctl/prove/attacks.h"
#include "tools/sealctl/prove/control_flow.h"
#include "tools/sealctl/prove/outcome.h"

namespace sealctl::prove {

// The columns of the table.
enum class Group { kText, kRelro, kSystem, kLoader, kCount };
std::string_view word_for(Group group);

struct Attempt {
  const Attack* attack = nullptr;
  Outcome outcome = Outcome::kHeld;
  std::string answer;  // "ok", the name of an error, or "killed"
  std::string effect;  // "same", "changed", "remapped", "unmapped", "unreadable"
};

// A mapping and what came of the attacks on it.
struct Proved {
  map::Line line;
  Group group = Group::kText;
  std::vector<Attempt> attempts;

  // Is there an attack that works and that a seal would have stopped?
  bool is_open() const;
};

struct Proof {
  pid_t pid = 0;  // of the fresh start, which has ended
  map::Map map;
  std::vector<Proved> mappings;
  uint64_t records = 0;  // bytes of ld-seal's records, which change and are not attacked

  ControlFlow control_flow;

  size_t missing() const;  // mappings that are open
  // Does an attack work that neither seals nor ld-seal stop?
  bool has_way_around() const;
};

// Is it of ld-seal itself?
bool is_loaders(const map::Line& line);

Proof prove(Command command);

}  // namespace sealctl::prove
