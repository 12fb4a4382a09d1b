// Drop-ins of systemd's units (systemd.unit(5)) that adoption needs. A filter that kills for prctl or
// clone ends a program before ld-seal can find out what is allowed. With LDSEAL=off and
// LDSEAL_GUARD=prot it asks nothing.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/adopt/root.h"

namespace sealctl {

// Throws Refused if another file has the name of one that set_drop_ins would make.
void check_drop_ins(const Root& root, const std::vector<std::string>& units);

// Gives each of the units /etc/systemd/system/UNIT.d/ldseal.conf, takes it from all others, and has
// a running systemd read it. Throws a Failure. Killed in between, it can be called again.
void set_drop_ins(const Root& root, const std::vector<std::string>& units);

}  // namespace sealctl
