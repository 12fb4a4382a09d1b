// See registers.h.
#include "tools/sealctl/prove/registers.h"

#include "tools/sealctl/prove/stops.h"

namespace sealctl::prove {

user_regs_struct registers_of(pid_t pid) {
  user_regs_struct found{};
  iovec value{&found, sizeof found};
  if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &value) != 0) fail("cannot read registers");
  return found;
}

void set_registers(pid_t pid, user_regs_struct registers) {
  iovec value{&registers, sizeof registers};
  if (ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &value) != 0) fail("cannot set registers");
}

}  // namespace sealctl::prove
