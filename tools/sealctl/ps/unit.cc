// See unit.h.
#include "tools/sealctl/ps/unit.h"

#include <array>

#include "tools/sealctl/text.h"

namespace sealctl::ps {
namespace {

constexpr std::string_view kService = ".service";
constexpr std::array<std::string_view, 5> kUnitTypes = {kService, ".scope", ".socket", ".mount",
                                                        ".swap"};

// systemd puts "_" in front of a name that cgroups reserve.
std::string_view unescaped(std::string_view part) {
  if (part.starts_with('_')) part.remove_prefix(1);
  return part;
}

}  // namespace

std::string cgroup_of(std::string_view text) {
  std::string_view systemds;
  while (!text.empty()) {
    const std::string_view line = take(text, '\n');
    if (line.starts_with("0::/")) return std::string(line.substr(3));
    const size_t path = line.find(":name=systemd:");
    if (path != line.npos) systemds = line.substr(path + std::string_view(":name=systemd:").size());
  }
  return std::string(systemds);
}

std::string unit_of(std::string_view cgroup) {
  while (!cgroup.empty()) {
    const std::string_view part = unescaped(take(cgroup, '/'));
    for (const std::string_view type : kUnitTypes) {
      if (part.size() > type.size() && part.ends_with(type)) return std::string(part);
    }
  }
  return {};
}

bool is_in_unit(std::string_view cgroup, std::string_view unit) {
  const std::string service = std::string(unit) + std::string(kService);
  while (!cgroup.empty()) {
    const std::string_view part = unescaped(take(cgroup, '/'));
    if (!part.empty() && (part == unit || part == service)) return true;
  }
  return false;
}

}  // namespace sealctl::ps
