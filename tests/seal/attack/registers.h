// How a machine's registers make a system call: the one place here that knows the machine.
#pragma once

#include <array>
#include <cstdint>
#include <elf.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

struct SystemCall {
  std::uint64_t number;
  std::array<std::uint64_t, 6> arguments;
};

#if defined(__x86_64__)

constexpr std::uint64_t kSystemCallLength = 2;

inline void prepare(user_regs_struct& registers, std::uint64_t place, const SystemCall& call) {
  registers.rip = place;
  registers.rax = call.number;
  registers.orig_rax = ~0ull;  // no call is under way that the kernel could restart
  registers.rdi = call.arguments[0];
  registers.rsi = call.arguments[1];
  registers.rdx = call.arguments[2];
  registers.r10 = call.arguments[3];
  registers.r8 = call.arguments[4];
  registers.r9 = call.arguments[5];
}

inline std::uint64_t stack_pointer(const user_regs_struct& registers) { return registers.rsp; }

// At the entry of a call: the kernel leaves without having done it.
inline long skip_call(pid_t process) {
  return ptrace(PTRACE_POKEUSER, process, offsetof(user_regs_struct, orig_rax), ~0ul);
}

#elif defined(__aarch64__)

constexpr std::uint64_t kSystemCallLength = 4;

inline void prepare(user_regs_struct& registers, std::uint64_t place, const SystemCall& call) {
  registers.pc = place;
  registers.regs[8] = call.number;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) registers.regs[i] = call.arguments[i];
}

inline std::uint64_t stack_pointer(const user_regs_struct& registers) { return registers.sp; }

inline long skip_call(pid_t process) {
  int none = -1;
  iovec value{&none, sizeof none};
  return ptrace(PTRACE_SETREGSET, process, NT_ARM_SYSTEM_CALL, &value);
}

#endif
