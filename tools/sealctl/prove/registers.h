// How a machine's registers make a system call. The structure's members say which machine it is.
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

}  // namespace sealctl::prove
