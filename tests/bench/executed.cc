// Shows which instructions of its interpreter a program executes:
//   executed COMMAND ARGS…
// Prints the offset in the interpreter's file of each instruction, once, in the order of first execution. The program's
// standard output goes to /dev/null.

#include <cstdio>
#include <cstdlib>
#include <elf.h>
#include <fcntl.h>
#include <string>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

struct Range {
  unsigned long start = 0;
  unsigned long end = 0;
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

[[noreturn]] void become(char** command) {
  const int silence = open("/dev/null", O_WRONLY);
  dup2(silence, STDOUT_FILENO);
  personality(ADDR_NO_RANDOMIZE);
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0) execv(command[0], command);
  fail(command[0]);
}

// At its first instruction a process has two files mapped: its program and its interpreter, in which it stands.
Range interpreter_of(pid_t process, unsigned long instruction) {
  FILE* maps = std::fopen(("/proc/" + std::to_string(process) + "/maps").c_str(), "r");
  if (maps == nullptr) fail("maps");
  struct Mapping {
    Range range;
    std::string file;
  };
  std::vector<Mapping> mappings;
  Range here;
  char line[4352], path[4097] = "";
  while (std::fgets(line, sizeof(line), maps) != nullptr) {
    Mapping m;
    path[0] = '\0';
    if (std::sscanf(line, "%lx-%lx %*s %*s %*s %*s %4096[^\n]", &m.range.start, &m.range.end,
                    path) < 2)
      continue;
    m.file = path;
    mappings.push_back(m);
    if (instruction >= m.range.start && instruction < m.range.end) here = m.range;
  }
  std::fclose(maps);
  std::string file;
  for (const Mapping& m : mappings) {
    if (m.range.start == here.start) file = m.file;
  }
  Range all = here;
  for (const Mapping& m : mappings) {
    if (m.file != file) continue;
    if (m.range.start < all.start) all.start = m.range.start;
    if (m.range.end > all.end) all.end = m.range.end;
  }
  return all;
}

unsigned long instruction_of(pid_t process) {
  user_regs_struct registers{};
  if (ptrace(PTRACE_GETREGS, process, nullptr, &registers) != 0) fail("PTRACE_GETREGS");
  return registers.rip;
}

void print_instructions(pid_t process) {
  int status = 0;
  waitpid(process, &status, 0);
  if (!WIFSTOPPED(status)) fail("execv");
  const Range interpreter = interpreter_of(process, instruction_of(process));
  std::vector<bool> seen(interpreter.end - interpreter.start);
  while (WIFSTOPPED(status)) {
    const unsigned long at = instruction_of(process);
    if (at >= interpreter.start && at < interpreter.end && !seen[at - interpreter.start]) {
      seen[at - interpreter.start] = true;
      std::printf("%lx\n", at - interpreter.start);
    }
    if (ptrace(PTRACE_SINGLESTEP, process, nullptr, nullptr) != 0) fail("PTRACE_SINGLESTEP");
    waitpid(process, &status, 0);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const pid_t process = fork();
  if (process == 0) become(arguments + 1);
  print_instructions(process);
}
