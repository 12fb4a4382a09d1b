// See mseal_probe.h.
#include "tools/sealctl/mseal_probe.h"

#include <cerrno>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tools/sealctl/in_child.h"

namespace sealctl {
namespace {

constexpr long kMseal = 462;  // on every machine; older headers lack it

int mseal(void* start, size_t length) { return syscall(kMseal, start, length, 0) == 0 ? 0 : errno; }

int mseal_nothing() { return mseal(nullptr, 0); }

int unmap_sealed_page() {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* memory = mmap(nullptr, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mseal(memory, page) != 0) return 1;
  return munmap(memory, page) != 0 && errno == EPERM ? 0 : 1;
}

// A filter may kill for prctl, too, but then other programs do not start either.
bool has_filter() { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0; }

}  // namespace

int ask_for_mseal() {
  if (!has_filter()) return mseal_nothing();
  const int answer = in_child(mseal_nothing);
  return answer == kChildKilled ? kMsealKills : answer;
}

bool mseal_holds() { return in_child(unmap_sealed_page) == 0; }

}  // namespace sealctl
