// `sealctl adopt --system` and `sealctl release --system`: the name of libc's rtld, which the
// kernel starts every dynamic program by, leads to ld-seal instead.
//
// In this order, each step repeatable: libc's own is kept under another name (.distrib); dpkg is
// diverted to that name; a symbolic link to ld-seal takes the name by rename(2). Release goes back.
#pragma once

#include <string>

#include "tools/sealctl/adopt/record.h"
#include "tools/sealctl/adopt/root.h"
#include "tools/sealctl/failure.h"

namespace sealctl {

struct SystemOptions {
  bool force = false;  // in spite of objections
  bool again = false;  // only what is recorded: complete it, or redo what an upgrade undid
  bool dry_run = false;
};

ExitStatus adopt_system(const Root& root, const SystemOptions& options);
ExitStatus release_system(const Root& root, const SystemOptions& options);

// How it is with one machine's loader.
struct SystemState {
  bool is_here = false;      // the root has libc's rtld of this machine
  bool is_link = false;      // its name leads to ld-seal
  bool is_kept = false;      // libc's own is kept
  bool is_diverted = false;  // dpkg leaves the name alone, or there is no dpkg
  bool is_loader = false;    // ld-seal is there
  std::optional<Step> step;  // recorded
};

SystemState system_state(const Root& root, const Machine& machine);

// One line for people, and whether it is as it should be.
struct SystemVerdict {
  std::string_view state;  // "adopted", "not adopted", "half done", "damaged"
  std::string detail;
  bool is_fine = true;
};

SystemVerdict verdict_on(const SystemState& state, const Machine& machine);

}  // namespace sealctl
