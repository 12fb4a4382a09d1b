// Versions of what is installed in a root.
#pragma once

#include <string>

#include "tools/sealctl/doctor/root.h"

namespace sealctl::doctor {

// The version of a package by dpkg's database. Empty: it is not installed, or there is no dpkg.
std::string package_version(const Root& root, const std::string& package);

// What systemd and its libseccomp know of mseal.
struct SystemdFacts {
  int version = 0;                       // 0: not installed, or not known
  bool can_name_mseal = false;           // SystemCallFilter=mseal has an effect
  bool allows_mseal_by_default = false;  // every allow-list of system calls has it
};
SystemdFacts systemd_facts(const Root& root);

}  // namespace sealctl::doctor
