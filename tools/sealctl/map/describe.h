// What each mapping of a process is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/sealctl/ps/guards.h"
#include "tools/sealctl/ps/process.h"
#include "tools/sealctl/ps/smaps.h"

namespace sealctl::map {

enum class Kind {
  kText,       // executable, of an object
  kConstants,  // read-only, of an object
  kRelro,      // read-only after relocation
  kData,       // writable, of an object
  kHole,       // between the segments of an object
  kSystem,     // the kernel's: vDSO, vvar
  kStack,
  kHeap,
  kFile,    // a file that is no object
  kCode,    // executable, without a file
  kMemory,  // any other memory
};

struct Line {
  ps::Mapping mapping;
  Kind kind = Kind::kMemory;
  std::string object;  // the file's name, or the thread whose stack it is
  std::string reason;  // why it is not sealed; empty if it is
};

struct Map {
  ps::Process process;
  std::string text;  // of smaps, which the mappings refer to
  std::vector<Line> lines;
  std::vector<ps::GuardRange> guards;
};

// None: the process has ended, or has no memory. Throws a Failure if it may not be looked at.
std::optional<Map> describe(pid_t pid);

std::string_view word_for(Kind kind);

}  // namespace sealctl::map
