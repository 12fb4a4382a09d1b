#include "mappings.h"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "tracee.h"

namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) give_up(path.c_str());
  return text.str();
}

bool parse_header(const std::string& line, VirtualArea& area) {
  unsigned long long start, end, offset, inode;
  char permissions[5], device[16];
  int name = 0;
  if (std::sscanf(line.c_str(), "%llx-%llx %4s %llx %15s %llu %n", &start, &end, permissions,
                  &offset, device, &inode, &name) < 6)
    return false;
  area = {start, end, offset, inode, permissions, device, line.substr(name), false, false};
  return true;
}

bool is_anonymous_memory(const VirtualArea& area) { return area.inode == 0; }

}  // namespace

bool VirtualArea::continues(const VirtualArea& below) const {
  bool same_kind = permissions == below.permissions && device == below.device &&
                   inode == below.inode && name == below.name;
  return same_kind && start == below.end &&
         (is_anonymous_memory(*this) || offset == below.offset + below.length());
}

bool every_page_exists(pid_t process, const VirtualArea& area, std::uint64_t page) {
  constexpr std::uint64_t kPresentOrSwapped = std::uint64_t{3} << 62;
  std::string path = "/proc/" + std::to_string(process) + "/pagemap";
  std::vector<std::uint64_t> entries(area.length() / page);
  auto size = static_cast<ssize_t>(entries.size() * sizeof entries[0]);
  auto offset = static_cast<off_t>(area.start / page * sizeof entries[0]);
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  bool is_whole =
      file >= 0 && pread(file, entries.data(), entries.size() * sizeof entries[0], offset) == size;
  close(file);
  if (!is_whole) give_up(path.c_str());
  return std::ranges::all_of(entries,
                             [](std::uint64_t entry) { return (entry & kPresentOrSwapped) != 0; });
}

std::string read_smaps(pid_t process) {
  return read_file("/proc/" + std::to_string(process) + "/smaps");
}

std::vector<VirtualArea> parse_areas(const std::string& text) {
  std::vector<VirtualArea> areas;
  std::istringstream lines(text);
  VirtualArea area;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("VmFlags:")) {
      areas.back().is_sealed = (line + " ").find(" sl ") != std::string::npos;
    } else if (line.starts_with("Anonymous:")) {
      areas.back().has_own_pages = std::stoul(line.substr(line.find(':') + 1)) > 0;
    } else if (parse_header(line, area)) {
      areas.push_back(area);
    }
  }
  return areas;
}

std::vector<VirtualArea> areas_of(pid_t process) {
  return parse_areas(read_file("/proc/" + std::to_string(process) + "/maps"));
}

std::vector<VirtualArea> areas_within(const std::vector<VirtualArea>& areas, std::uint64_t start,
                                      std::uint64_t end) {
  std::vector<VirtualArea> found;
  for (VirtualArea area : areas) {
    if (area.end <= start || area.start >= end) continue;
    std::uint64_t cut = start > area.start ? start - area.start : 0;
    area.start += cut;
    area.offset += is_anonymous_memory(area) ? 0 : cut;
    area.end = std::min(area.end, end);
    if (!found.empty() && area.continues(found.back())) {
      found.back().end = area.end;
    } else {
      found.push_back(area);
    }
  }
  return found;
}

bool same_areas(const std::vector<VirtualArea>& one, const std::vector<VirtualArea>& other) {
  auto same = [](const VirtualArea& a, const VirtualArea& b) {
    return a.start == b.start && a.end == b.end && a.permissions == b.permissions &&
           a.inode == b.inode && a.device == b.device && a.offset == b.offset;
  };
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), same);
}
