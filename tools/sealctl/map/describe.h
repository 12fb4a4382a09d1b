// What each mapping of a process is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "tools/sealctl/ps/process.h"

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
  kGuard,   // below the stack of a thread, as a mapping
  kCount
};
std::string_view word_for(Kind kind);
// None: there is no such kind.
std::optional<Kind> kind_named(std::string_view word);

struct Line {
  uint64_t start = 0;
  uint64_t end = 0;
  std::string permissions;  // as in "r-x"
  std::string name;         // as the kernel has it
  Kind kind = Kind::kMemory;
  std::string object;  // the file's name, or the thread whose stack or guard it is
  bool has_file = false;
  bool is_sealed = false;
  std::string reason;  // why it is not sealed; empty if it is

  uint64_t size() const { return end - start; }
  bool can(char what) const { return permissions.find(what) != std::string::npos; }
  bool is_writable_and_executable() const { return can('w') && can('x'); }
  // Is it of what ld-seal seals, the policy permitting: text, constants, RELRO, and all code?
  bool should_be_sealed() const { return kind <= Kind::kRelro || can('x'); }
};

// Pages that the page table keeps from every access (MADV_GUARD_INSTALL).
struct Guard {
  uint64_t start = 0;
  uint64_t end = 0;
  std::string of;  // the thread below whose stack it is, or the object whose hole it fills
};

struct Map {
  pid_t pid = 0;
  std::string command;
  std::string loader;   // as ps::word_for
  std::string verdict;  // the same
  std::vector<Line> lines;
  std::vector<Guard> guards;
  std::vector<Guard> holes;  // between the mappings of an object, where nothing is mapped
};

// Where to look for guards.
enum class Guards {
  kInMemory,    // in writable memory without a file, where stacks are
  kEverywhere,  // in the holes of objects, too; what is not mapped there is listed as well
};

// None: the process has ended, or has no memory. Throws a Failure if it may not be looked at.
std::optional<Map> describe(pid_t pid, Guards guards);

struct Totals {
  size_t mappings = 0;
  size_t sealed = 0;
  ps::Share executable;  // bytes
  ps::Share read_only;   // bytes that are readable and neither writable nor executable
  uint64_t writable_and_executable = 0;
  uint64_t guarded = 0;  // bytes of page-table guards
};
Totals total(const Map& map);

}  // namespace sealctl::map
