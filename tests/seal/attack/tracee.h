// A program under ptrace, stopped where it wants to exit: everything it has is still mapped. Copies
// of it made by fork execute single system calls in its name; memory is read from outside, so an
// attack may destroy the very code that makes it. Nothing is put into the program: the calls are
// made by the system call instruction that it stopped at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "registers.h"

// What the kernel returned: a value, or minus an error number.
struct Answer {
  std::int64_t value;

  bool refused() const { return value < 0 && value >= -4095; }
  // "ok", or the name of the error.
  std::string text() const;
};

class Tracee {
 public:
  // Runs `command` up to its exit, with some variables (NAME=VALUE) of its own. A program that
  // ends by a signal ends us too.
  static Tracee run_to_exit(char** command, const std::vector<char*>& variables);

  Tracee(Tracee&& other) noexcept;
  Tracee& operator=(Tracee&&) = delete;
  ~Tracee();  // kills it

  pid_t id() const { return id_; }
  Tracee fork();
  // No answer: the call killed it, or it could no longer make the call.
  std::optional<Answer> call(SystemCall what);
  int calls() const { return calls_; }  // how many it was made to make
  // Puts bytes where the program keeps nothing, below its stack; returns their address.
  std::uint64_t place(const void* bytes, std::size_t size);
  void write(std::uint64_t address, const void* bytes, std::size_t size);
  // How many bytes from `address` could be read.
  std::size_t read(std::uint64_t address, void* bytes, std::size_t size) const;
  // Lets it exit as it wanted to; returns its exit status.
  int let_exit();

 private:
  Tracee(pid_t id, std::uint64_t place, std::uint64_t status)
      : id_(id), call_place_(place), exit_status_(status) {}

  enum class At { kEntry, kExit };
  bool resume_to(At at);
  user_regs_struct registers() const;
  void set_registers(user_regs_struct registers);

  pid_t id_;
  std::uint64_t call_place_;
  std::uint64_t exit_status_;
  pid_t forked_ = 0;
  int calls_ = 0;
};

[[noreturn]] void give_up(const char* what);
