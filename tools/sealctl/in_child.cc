// See in_child.h.
#include "tools/sealctl/in_child.h"

#include <cerrno>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sealctl {

int in_child(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child < 0) return kChildKilled;
  if (child == 0) {
    const rlimit no_core{0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
    _exit(work());
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kChildKilled;
}

}  // namespace sealctl
