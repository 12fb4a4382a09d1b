// The unit of systemd that a process belongs to, by its control group.
#pragma once

#include <string>
#include <string_view>

namespace sealctl::ps {

// The path in /proc/PID/cgroup: that of the unified hierarchy, else that of systemd's own. Empty:
// there is neither.
std::string cgroup_of(std::string_view text);

// The first unit on the path that is no slice, as in "ssh.service". Empty: there is none.
std::string unit_of(std::string_view cgroup);

// Is the process in this unit? `unit` may lack ".service", and may be any part of the path: a
// slice, a scope, or a unit of a user's manager.
bool is_in_unit(std::string_view cgroup, std::string_view unit);

}  // namespace sealctl::ps
