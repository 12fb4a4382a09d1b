// The calls by which the loader's sources reach files, answered for the system below a folder. They
// take the place of the loader's sys/kernel.cc.
#pragma once

#include "tools/sealctl/doctor/root.h"

namespace sealctl::check {

// Every path is one of `root`, which must stay until another one, or null, is set.
void let_loader_see(const doctor::Root* root);

// A path as the loader's sources give it, made absolute: in the running system by the current
// folder, elsewhere by the root.
std::string absolute(const doctor::Root& root, const std::string& path);

}  // namespace sealctl::check
