// See main_stop.h. Every dynamic program's start code calls __libc_start_main(main, ...), in glibc
// and in musl. As soon as an object that defines it is mapped, a breakpoint is put there; when it is
// reached, the text is as it was again and the first argument is another one.
#include "tools/sealctl/prove/main_stop.h"

#include <algorithm>
#include <csignal>
#include <set>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tools/sealctl/ps/proc_folder.h"
#include "tools/sealctl/ps/smaps.h"

namespace sealctl::prove {
namespace {

constexpr char kStarter[] = "__libc_start_main";

// The places in a process at which it stops.
class Breakpoints {
 public:
  explicit Breakpoints(pid_t pid) : pid_(pid) {}

  void add(uint64_t place) {
    if (std::ranges::find(places_, place, &Place::address) != places_.end()) return;
    errno = 0;
    const long word = ptrace(PTRACE_PEEKTEXT, pid_, place, nullptr);
    if (errno != 0) return;
    const auto before = static_cast<uint64_t>(word);
    if (ptrace(PTRACE_POKETEXT, pid_, place, with_breakpoint(before)) == 0)
      places_.push_back({place, before});
  }
  bool empty() const { return places_.empty(); }

  // Is this where the process stops behind one of them? Gives its address.
  std::optional<uint64_t> at(uint64_t instruction) const {
    const auto place = std::ranges::find(places_, instruction - kBehindBreakpoint, &Place::address);
    if (place == places_.end()) return std::nullopt;
    return place->address;
  }

  // The text is as it was. A word may hold the breakpoint of one that was added before, so the last
  // goes first.
  void remove() {
    while (!places_.empty()) {
      if (ptrace(PTRACE_POKETEXT, pid_, places_.back().address, places_.back().word) != 0)
        fail("cannot take a breakpoint away");
      places_.pop_back();
    }
  }

 private:
  struct Place {
    uint64_t address;
    uint64_t word;
  };
  pid_t pid_;
  std::vector<Place> places_;
};

// Follows a start.
class StartToMain {
 public:
  StartToMain(pid_t pid, const std::string& executable, ObjectFiles& files)
      : pid_(pid), executable_(executable), files_(files), folder_(pid), breakpoints_(pid) {}

  // Nothing more of it is to be seen in its calls: it has ended, or is about to.
  bool look_at_call() {
    const __ptrace_syscall_info call = call_info(pid_);
    if (call.op == PTRACE_SYSCALL_INFO_ENTRY) {
      number_ = call.entry.nr;
      stop_.instruction = call.instruction_pointer;
      return number_ != SYS_exit_group && number_ != SYS_exit;
    }
    if (number_ == SYS_mmap) look_for_starter();
    return true;
  }

  // In every object that has been mapped since the last time.
  void look_for_starter() {
    if (!breakpoints_.empty()) return;
    const std::string text = folder_.read("maps").value_or("");
    for (const ps::Mapping& m : ps::parse_smaps(text)) {
      if (!m.has_file || !m.is_executable || !seen_.emplace(m.name).second) continue;
      LoadedObject object{std::string(m.name), files_.read(std::string(m.name)), 0};
      if (!object.file.why_not.empty()) continue;
      if (const std::optional<uint64_t> start = start_of(object, m)) {
        object.start = *start;
        for (const uint64_t place : object.definitions_of(kStarter)) breakpoints_.add(place);
      }
    }
  }

  // Another program has taken the place of this one, and its text.
  void begin_anew() {
    breakpoints_ = Breakpoints(pid_);
    seen_.clear();
    has_started_ = false;
    look_for_starter();
  }

  // At a signal of the process's.
  enum class Next { kPass, kGoOn, kIsThere };
  Next look_at_signal(int signal) {
    user_regs_struct registers = registers_of(pid_);
    const uint64_t instruction = instruction_pointer(registers);
    if (signal == SIGSEGV && has_started_ && instruction == kTrap) {
      if (folder_.link("exe") == executable_) return Next::kIsThere;
      go_on_at(registers, main_);
      set_registers(pid_, registers);
      return Next::kGoOn;
    }
    const std::optional<uint64_t> place = breakpoints_.at(instruction);
    if (signal != SIGTRAP || !place) return Next::kPass;
    breakpoints_.remove();
    go_on_at(registers, *place);
    main_ = first_argument(registers);
    set_first_argument(registers, kTrap);
    set_registers(pid_, registers);
    has_started_ = true;
    return Next::kGoOn;
  }

  Stop stop() const { return stop_; }

 private:
  // Where its first page is, by a mapping of its code.
  std::optional<uint64_t> start_of(const LoadedObject& object, const ps::Mapping& m) const {
    const ldseal::Segments& segments = object.file.module.segments;
    const ldseal::Phdr* load = nullptr;
    while ((load = ldseal::next_load(segments.headers, load)) != nullptr) {
      const bool is_this = (load->p_flags & PF_X) != 0 &&
                           files_.page().down(load->p_offset) <= m.offset &&
                           m.offset < load->p_offset + load->p_filesz;
      if (is_this)
        return m.start - m.offset + load->p_offset - load->p_vaddr + segments.start.value;
    }
    return std::nullopt;
  }

  pid_t pid_;
  const std::string& executable_;
  ObjectFiles& files_;
  ps::ProcFolder folder_;
  Breakpoints breakpoints_;
  std::set<std::string, std::less<>> seen_;
  Stop stop_{pid_, 0};
  uint64_t number_ = 0;  // of the call under way
  uint64_t main_ = 0;
  bool has_started_ = false;
};

void end(pid_t pid) {
  kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, __WALL) >= 0 && WIFSTOPPED(status)) continue;
}

}  // namespace

std::optional<Stop> run_until_main(Command command, const std::string& executable,
                                   ObjectFiles& files) {
  const pid_t pid = launch(command);
  StartToMain start(pid, executable, files);
  start.look_for_starter();  // musl's loader, which is its libc, is there from the start
  for (int signal = 0; ptrace(PTRACE_SYSCALL, pid, nullptr, signal) == 0;) {
    const int status = wait_for_stop(pid);
    if (!WIFSTOPPED(status)) return std::nullopt;
    signal = signal_to_pass(status);
    if (WSTOPSIG(status) == kCallStop) {
      if (start.look_at_call()) continue;
      break;
    }
    if (event_of(status) == PTRACE_EVENT_EXEC) start.begin_anew();
    if (event_of(status) != 0) continue;
    const StartToMain::Next next = start.look_at_signal(WSTOPSIG(status));
    if (next == StartToMain::Next::kIsThere) return start.stop();
    if (next == StartToMain::Next::kGoOn) signal = 0;
  }
  end(pid);
  return std::nullopt;
}

}  // namespace sealctl::prove
