// The mappings of a process as /proc/PID/smaps tells them.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

struct VirtualArea {
  std::uint64_t start, end, offset, inode;
  std::string permissions;  // "r-xp"
  std::string device;
  std::string name;  // a path, "[vdso]", or nothing
  bool is_sealed;
  bool has_own_pages;  // of a private mapping: pages that are no longer the file's

  std::uint64_t length() const { return end - start; }
  // Two areas without a difference that could be told apart from inside.
  bool continues(const VirtualArea& below) const;
};

// Is each page of the area in memory or swapped out (proc(5), pagemap)? Others are made when they are
// touched.
bool every_page_exists(pid_t process, const VirtualArea& area, std::uint64_t page);

std::string read_smaps(pid_t process);
// From the text of smaps, or of maps, which does not know what is sealed.
std::vector<VirtualArea> parse_areas(const std::string& text);
std::vector<VirtualArea> areas_of(pid_t process);

// What lies in [start, end): clipped to it, areas that differ in nothing joined.
std::vector<VirtualArea> areas_within(const std::vector<VirtualArea>& areas, std::uint64_t start,
                                      std::uint64_t end);
bool same_areas(const std::vector<VirtualArea>& one, const std::vector<VirtualArea>& other);
