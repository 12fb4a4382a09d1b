// The attack on destructors (House of Banana): at exit a loader may follow link maps, which say
// where they are.
#pragma once

#include "tools/sealctl/prove/link_maps.h"
#include "tools/sealctl/prove/outcome.h"

namespace sealctl::prove {

struct LinkMapProved {
  std::string object;  // as the list has it; empty for the program
  std::string list;    // the object that has the head of the list
  Outcome outcome = Outcome::kHeld;
};

struct ExitProved {
  std::vector<LinkMapProved> maps;
  std::string why_not;  // the attacks prove nothing and were not made; empty: they were
};

// `process` is about to call main(). Changes one link map after the other, each in a copy, so that
// it has destructors at kTrap, and lets the copy call exit(). In one copy more nothing is changed,
// and the program's own destructors must run.
ExitProved attack_destructors(Tracee& process, const std::vector<LoadedObject>& objects);

}  // namespace sealctl::prove
