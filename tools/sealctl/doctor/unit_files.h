// systemd's unit files of a root, each with its drop-ins, as systemd.unit(5) combines them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/sealctl/doctor/root.h"

namespace sealctl::doctor {

struct Assignment {
  std::string section;
  std::string name;
  std::string value;
};

struct Unit {
  std::string name;
  std::vector<Assignment> assignments;  // in the order in which systemd reads them

  // The values that this setting is given, in order. An empty one takes those before it back.
  std::vector<std::string> values(std::string_view setting) const;
  // The last value; empty if there is none.
  std::string last(std::string_view setting) const;
  // The blank-separated words of a list setting, without those that were taken back.
  std::vector<std::string> words(std::string_view setting) const;
  bool is_on(std::string_view setting) const;
};

// The units that start programs (services, sockets, mounts, swaps), of the system's and of the
// users' managers. Masked units and other names of a unit are left out.
std::vector<Unit> read_units(const Root& root);

// The assignments in the text of a unit file.
std::vector<Assignment> parse_unit(std::string_view text);

}  // namespace sealctl::doctor
