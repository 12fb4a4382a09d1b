// What is where in this process: by /proc/self/maps, and by touching it.
#pragma once

#include <cstdio>
#include <fstream>
#include <string>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ldso/base/number.h"

namespace ldseal::testing_tools {

// A line of /proc/self/maps.
struct MapsLine {
  AddressRange range;
  std::string flags;        // "r-xp"; "" where nothing is mapped
  unsigned long inode = 0;  // 0: no file is behind it
};

inline MapsLine mapped_at(Address address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long start = 0, end = 0, inode = 0;
    char flags[8] = "";
    if (std::sscanf(line.c_str(), "%lx-%lx %7s %*x %*x:%*x %lu", &start, &end, flags, &inode) != 4)
      continue;
    if (start <= address.value && address.value < end)
      return {{Address(start), Address(end)}, flags, inode};
  }
  return {};
}

// Is this page of memory without a file in being, or is it made only when it is touched?
inline bool exists(Address page) {
  unsigned char state = 0;
  return mincore(page.as<void>(), 1, &state) == 0 && (state & 1) != 0;
}

// Would a load from there be answered, and not by SIGSEGV or SIGBUS?
inline bool can_be_read(Address address) {
  char byte;
  iovec to = {&byte, 1}, from = {address.as<void>(), 1};
  return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 1;
}

}  // namespace ldseal::testing_tools
