// Attacks on what decides where a program goes, by an attacker who can write to memory, wherever it
// is writable. tests/exploits has them as programs.
#pragma once

#include "tools/sealctl/map/describe.h"
#include "tools/sealctl/prove/calls.h"
#include "tools/sealctl/prove/destructors.h"

namespace sealctl::prove {

struct ControlFlow {
  std::vector<CallsProved> calls;  // for each object with code
  ExitProved exit;
  // Words of ld-seal's own writable memory that are addresses of code. None: it has none.
  std::optional<size_t> code_words;
  std::string reason;  // why calls are open

  size_t open_slots() const;
  size_t open_link_maps() const;
  bool is_open() const { return open_slots() + open_link_maps() + code_words.value_or(0) != 0; }
};

// `program` is a start of the command, whose map this is. Another one is attacked, if there is one
// that is about to call main(); else copies of `program`.
ControlFlow attack_control_flow(Command command, Tracee& program, const map::Map& map);

}  // namespace sealctl::prove
