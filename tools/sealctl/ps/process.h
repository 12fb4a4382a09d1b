// What `sealctl ps` knows of a process: read by inspect.h, judged by verdict.h, shown by show.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace sealctl::ps {

// What has started the program.
enum class Loader { kUnknown, kLdSeal, kGlibc, kMusl, kOther, kStatic, k32Bit };

enum class Verdict { kSealed, kPartly, kUnsealed, kUnknown };

// Why a process is not sealed, or not wholly. verdict.cc has for each a word and what to do.
enum class Why {
  kNotPermitted,
  kNot64Bit,
  kStatic,
  kNotAdopted,
  kStartedBefore,
  kOtherLoader,
  kNoMseal,
  kPolicy,
  kGaveWay,
  kFilter,
  kUnexplained,
  kOpenedLater,
  kMadeAtRunTime,
  kReadOnlyDataLeft,
  kSystemLeft,
};

struct Reason {
  Why why;
  std::string text;
};

// Bytes or mappings: how many there are, and how many of them are sealed.
struct Share {
  uint64_t all = 0;
  uint64_t sealed = 0;
};

// What the mappings show.
struct Memory {
  Loader loader = Loader::kUnknown;
  Share code;  // bytes that are executable, without [vsyscall]
  Share code_ranges;
  Share relro;  // objects that have RELRO
  bool has_vdso = false;
  bool is_vdso_sealed = false;
  bool has_sealed_code = false;            // that is not the kernel's
  std::string text_relocations;            // an object that has some
  std::string executable_stack;            // an object that asks for it
  uint64_t code_without_file = 0;          // bytes of unsealed code that no file holds
  std::vector<std::string> unsealed_code;  // files with unsealed code
  std::vector<std::string> unsealed_relro;
  size_t guards = 0;  // ranges in writable memory that are page-table guards
};

struct Process {
  pid_t pid = 0;
  uid_t user = 0;
  unsigned threads = 0;
  bool has_filter = false;  // a seccomp filter is in force
  std::string command;
  std::string executable;  // empty: it may not be looked at
  std::string cgroup;
  std::string unit;              // systemd's, empty if it has none
  std::optional<Memory> memory;  // none: it may not be looked at
  Verdict verdict = Verdict::kUnknown;
  std::vector<Reason> reasons;
};

}  // namespace sealctl::ps
