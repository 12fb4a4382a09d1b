// The attack on calls between objects: the slots that they go through (the GOT of the PLT) are
// overwritten.
#pragma once

#include "tools/sealctl/prove/object_files.h"

namespace sealctl::prove {

// What came of it for the slots of an object.
struct CallsProved {
  std::string object;
  size_t slots = 0;
  size_t writable = 0;  // of them
  size_t open = 0;      // the call goes where the attacker wants
  size_t not_made = 0;  // it is writable, and no PLT stub is known that reads it
  std::string why_not;  // the object cannot be looked at; empty: it can

  size_t held() const { return slots - open - not_made; }
};

// In a copy, writes kTrap to all slots of the object that the process can write to, and runs the
// PLT stub of each.
CallsProved attack_calls(Tracee& process, const LoadedObject& object);

}  // namespace sealctl::prove
