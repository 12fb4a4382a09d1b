// The proof, before a root's loader is exchanged, that ld-seal works there.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/adopt/machines.h"
#include "tools/sealctl/adopt/root.h"

namespace sealctl {

struct Proof {
  std::vector<std::string> objections;  // each a line; with one of them nothing may be exchanged
  std::vector<std::string> remarks;     // what is good to know
};

// Runs a sample of the root's programs under libc's rtld, which is at `libc_loader`, and under
// ld-seal, and compares what they print. A root of a machine that does not run here gets a remark.
Proof prove(const Root& root, const Machine& machine, const std::string& libc_loader);

// What `sealctl doctor` finds that forbids the exchange: each a line with what to do.
std::vector<std::string> other_objections(const Root& root);

// Runs one of the sample as its PT_INTERP says, after the exchange. Returns why it failed, or "".
std::string try_exchanged(const Root& root, const Machine& machine);

}  // namespace sealctl
