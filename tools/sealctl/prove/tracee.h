// A process under ptrace that waits where it was about to make a system call. Copies of it, made by
// fork, make single calls in its name. Nothing stays in its text: the calls are made by the
// instruction that it stopped at. Memory is read from outside, so a call may destroy that very
// instruction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "tools/sealctl/prove/registers.h"

namespace sealctl::prove {

constexpr uint64_t kWord = sizeof(uint64_t);  // bytes of an address

// What the kernel returned: a value, or minus an error number.
struct Answer {
  int64_t value;
  bool is_of_attack = true;  // else: a call failed that prepares it, and it was not made

  bool is_refused() const { return value < 0 && value >= -4095; }
  // "ok", or the name of the error.
  std::string text() const;
};

// How to start a program.
struct Command {
  std::string file;                      // searched for in PATH if it has no slash
  std::vector<std::string> arguments;    // with the name
  std::vector<std::string> environment;  // NAME=value
  std::string folder;                    // empty: the current one
  std::optional<uid_t> user;             // none: the caller
  std::optional<gid_t> group;
};

class ObjectFiles;

class Tracee {
 public:
  // Starts the command and lets it run until ld-seal, or the start code of a static program that
  // seals itself, has sealed it and the program makes its first call. A program that is not sealed
  // runs to its exit, and waits there. Throws a Failure if it cannot be started or traced, or if it
  // ends before.
  static Tracee start(Command command);

  // Starts the command and lets it run until libc would call main() of this executable, which it
  // may become by execve(2): constructors have run, and nothing else of the program. None: it ends
  // without that, as a program does that is static or without libc.
  static std::optional<Tracee> start_to_main(Command command, const std::string& executable,
                                             ObjectFiles& files);

  Tracee(Tracee&& other) noexcept;
  Tracee(const Tracee&) = delete;
  Tracee& operator=(const Tracee&) = delete;
  Tracee& operator=(Tracee&&) = delete;
  ~Tracee();  // ends it

  pid_t pid() const { return pid_; }
  // A copy of it. Throws a Failure if there can be none.
  Tracee fork();
  // No answer: the call ended it, or it could not go on.
  std::optional<Answer> call(const SystemCall& call);
  // Writes bytes below its stack, where it keeps nothing; returns their address.
  uint64_t place(const void* bytes, size_t size);
  // How many bytes from `address` could be read.
  size_t read(uint64_t address, void* bytes, size_t size) const;
  // None: it cannot be read.
  std::optional<uint64_t> read_word(uint64_t address) const;
  // Writes where the process itself could. False: it cannot.
  bool write_word(uint64_t address, uint64_t word);

 private:
  Tracee(pid_t pid, uint64_t call_place) : pid_(pid), call_place_(call_place) {}

  bool resume_to(int operation);

  pid_t pid_;
  uint64_t call_place_;
  pid_t forked_ = 0;
};

}  // namespace sealctl::prove
