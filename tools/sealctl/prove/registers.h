// How a machine's registers make a system call and enter a function. The structure's members say which machine it is.
#pragma once

#include <array>
#include <cstdint>
#include <elf.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

namespace sealctl::prove {

struct SystemCall {
  uint64_t number;
  std::array<uint64_t, 6> arguments;
};

template <typename Registers>
constexpr bool kIsX86 = requires(Registers registers) {
  registers.orig_rax;
};

// The length of the instruction that makes a system call.
constexpr uint64_t kSystemCallLength = kIsX86<user_regs_struct> ? 2 : 4;

// Sets the registers so that the instruction at `place` makes the call.
template <typename Registers>
void prepare(Registers& registers, uint64_t place, const SystemCall& call) {
  const auto& a = call.arguments;
  if constexpr (kIsX86<Registers>) {
    registers.rip = place;
    registers.rax = call.number;
    registers.orig_rax = ~uint64_t{0};  // no call is under way that the kernel could restart
    registers.rdi = a[0];
    registers.rsi = a[1];
    registers.rdx = a[2];
    registers.r10 = a[3];
    registers.r8 = a[4];
    registers.r9 = a[5];
  } else {
    registers.pc = place;
    registers.regs[8] = call.number;
    for (size_t i = 0; i < a.size(); ++i) registers.regs[i] = a[i];
  }
}

template <typename Registers>
uint64_t instruction_pointer(const Registers& registers) {
  if constexpr (kIsX86<Registers>) {
    return registers.rip;
  } else {
    return registers.pc;
  }
}

// Sets the registers so that the process goes on at `place`, in no system call.
template <typename Registers>
void go_on_at(Registers& registers, uint64_t place) {
  if constexpr (kIsX86<Registers>) {
    registers.rip = place;
    registers.orig_rax = ~uint64_t{0};
  } else {
    registers.pc = place;
  }
}

// Of a function that is about to run.
template <typename Registers>
uint64_t first_argument(const Registers& registers) {
  if constexpr (kIsX86<Registers>) {
    return registers.rdi;
  } else {
    return registers.regs[0];
  }
}

template <typename Registers>
void set_first_argument(Registers& registers, uint64_t value) {
  if constexpr (kIsX86<Registers>) {
    registers.rdi = value;
  } else {
    registers.regs[0] = value;
  }
}

// Sets the registers so that the process enters a function whose frame lies below `stack`.
template <typename Registers>
void enter_function(Registers& registers, uint64_t function, uint64_t argument, uint64_t stack) {
  constexpr uint64_t kAlignment = 16;
  stack &= ~(kAlignment - 1);
  go_on_at(registers, function);
  set_first_argument(registers, argument);
  if constexpr (kIsX86<Registers>) {
    registers.rsp = stack - sizeof(uint64_t);  // as after a call has put its return address there
  } else {
    registers.sp = stack;
  }
}

// The word with the instruction that stops a process (int3, brk #0) in place of its first bytes.
constexpr uint64_t with_breakpoint(uint64_t word) {
  if constexpr (kIsX86<user_regs_struct>) {
    return (word & ~uint64_t{0xff}) | 0xcc;
  } else {
    return (word & ~uint64_t{0xffffffff}) | 0xd4200000;
  }
}

// How far behind its first byte the instruction pointer is after that instruction.
constexpr uint64_t kBehindBreakpoint = kIsX86<user_regs_struct> ? 1 : 0;

template <typename Registers>
uint64_t stack_pointer(const Registers& registers) {
  if constexpr (kIsX86<Registers>) {
    return registers.rsp;
  } else {
    return registers.sp;
  }
}

// At the entry of a call: the kernel leaves it without having done it.
template <typename Registers>
bool skip_call(pid_t process, Registers registers) {
  if constexpr (kIsX86<Registers>) {
    registers.orig_rax = ~uint64_t{0};
    iovec value{&registers, sizeof registers};
    return ptrace(PTRACE_SETREGSET, process, NT_PRSTATUS, &value) == 0;
  } else {
    int none = -1;
    iovec value{&none, sizeof none};
    return ptrace(PTRACE_SETREGSET, process, NT_ARM_SYSTEM_CALL, &value) == 0;
  }
}

// Throw a Failure if the process is not stopped under ptrace.
user_regs_struct registers_of(pid_t pid);
void set_registers(pid_t pid, user_regs_struct registers);

}  // namespace sealctl::prove
