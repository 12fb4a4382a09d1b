// What the running kernel can do, found out by doing it.
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tools/sealctl/doctor/checks.h"
#include "tools/sealctl/mseal_probe.h"
#include "tools/sealctl/vdso/extents.h"

namespace sealctl::doctor {
namespace {

constexpr int kGuardInstall = 102;

class Page {
 public:
  explicit Page(int protection, int file = -1)
      : size_(static_cast<size_t>(sysconf(_SC_PAGESIZE))),
        start_(mmap(nullptr, size_, protection, MAP_PRIVATE | (file < 0 ? MAP_ANONYMOUS : 0), file,
                    0)) {}
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;
  ~Page() {
    if (is_there()) munmap(start_, size_);
  }
  bool is_there() const { return start_ != MAP_FAILED; }
  void* start() const { return start_; }
  size_t size() const { return size_; }

 private:
  size_t size_;
  void* start_;
};

// Emulators answer 0 to every advice, so the guard must be felt: a system call reads the page.
bool is_guarded(const Page& page) {
  if (!page.is_there() || madvise(page.start(), page.size(), kGuardInstall) != 0) return false;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  const Descriptor reader(ends[0]), writer(ends[1]);
  return write(writer.number(), page.start(), 1) < 0 && errno == EFAULT;
}

bool can_guard_memory() { return is_guarded(Page(PROT_READ | PROT_WRITE)); }

bool can_guard_files() {
  const Descriptor file(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  return file && is_guarded(Page(PROT_READ, file.number()));
}

bool writes_through_proc_mem() {
  const Page page(PROT_READ);
  const Descriptor memory(open("/proc/self/mem", O_RDWR | O_CLOEXEC));
  const auto at = static_cast<off_t>(reinterpret_cast<uintptr_t>(page.start()));
  return page.is_there() && memory && pwrite(memory.number(), "x", 1, at) == 1;
}

const char* yes_or_no(bool is_so) { return is_so ? "yes" : "no"; }

// What stands against mseal here. An empty word: nothing.
Finding finding_about_mseal(int answer) {
  const Weight forbids = Weight::kForbids;
  if (answer == ENOSYS)
    return {forbids, "no-mseal", "kernel", "the kernel has no mseal, or a filter hides it",
            "boot Linux 6.10 or later; in systemd-nspawn set SYSTEMD_SECCOMP=0 for the container"};
  if (answer == kMsealKills)
    return {forbids, "mseal-kills", "kernel", "a seccomp filter kills for mseal here",
            "allow mseal (system call 462) in the filter that sealctl was started under"};
  if (answer != 0)
    return {forbids, "mseal-refused", "kernel",
            fmt::format("mseal is refused here: {}", std::strerror(answer)),
            "allow mseal (system call 462) in the filter that sealctl was started under"};
  if (!mseal_holds())
    return {forbids, "mseal-not-held", "kernel", "mseal succeeds and seals nothing",
            "do not run under an emulator, or a filter that answers in the kernel's place"};
  return {forbids, "", "", "", ""};
}

const char* mseal_answer(int answer, const Finding& finding) {
  if (finding.word.empty()) return "yes";
  if (answer == kMsealKills) return "kills";
  return answer == 0 ? "not held" : "no";
}

void check_guards(bool has_guards, Report& report) {
  if (has_guards) return;
  report.add({Weight::kWarns, "no-guards", "kernel",
              "no MADV_GUARD_INSTALL: each guard under a stack is a mapping",
              "boot Linux 6.13 or later; programs run as well without"});
}

void check_proc_mem(bool writes_through, Report& report) {
  if (!writes_through) return;
  report.add({Weight::kWarns, "proc-mem", "kernel",
              "/proc/self/mem writes to memory that is read-only or sealed",
              "boot with proc_mem.force_override=never (Linux 6.12 or later)"});
}

}  // namespace

void check_kernel(const Root& root, Report& report) {
  utsname names;
  const std::string release = uname(&names) == 0 ? names.release : "unknown";
  const int answer = ask_for_mseal();
  Finding about_mseal = finding_about_mseal(answer);
  const bool has_guards = can_guard_memory();
  const bool writes_through = writes_through_proc_mem();
  report.fact("kernel",
              fmt::format("{}  mseal {}, guards {}{}, PROCMAP_QUERY {}; /proc/self/mem writes "
                          "through: {}",
                          release, mseal_answer(answer, about_mseal), yes_or_no(has_guards),
                          has_guards && can_guard_files() ? " (files, too)" : "",
                          yes_or_no(vdso::has_procmap_query()), yes_or_no(writes_through)),
              about_mseal.word.empty());
  if (!about_mseal.word.empty()) {
    // Another system will run on a kernel of its choice.
    if (!root.is_running_system()) about_mseal.weight = Weight::kWarns;
    report.add(std::move(about_mseal));
  }
  check_guards(has_guards, report);
  check_proc_mem(writes_through, report);
}

}  // namespace sealctl::doctor
