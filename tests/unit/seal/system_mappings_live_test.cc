// The methods that find the vDSO and its data, on the kernel that runs here: each of them against /proc/self/smaps.
// Linked to the real ldso/sys/kernel.cc, unlike its neighbours.
#include <algorithm>
#include <asm/unistd.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <linux/aio_abi.h>
#include <sched.h>
#include <sstream>
#include <string>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ldso/seal/system_mappings.h"
#include "ldso/seal/system_mappings_names.h"

namespace ldseal {
namespace {

using Method = SystemMappingsMethod;
using Doubt = SystemMappingsDoubt;

const PageSize kPages{static_cast<uint64_t>(sysconf(_SC_PAGESIZE))};

constexpr const char* kCannotCoverProc = "a mount namespace of one's own is not allowed here";
constexpr uint64_t kMargin = 16;  // pages

Address own_vdso() { return Address(getauxval(AT_SYSINFO_EHDR)); }

// "7ff0-7ff4 r--p [vvar]" for each of the kernel's mappings, from a file of the form of /proc/self/smaps.
std::string in_smaps() {
  std::ifstream smaps("/proc/self/smaps");
  std::string text;
  for (std::string line; std::getline(smaps, line);) {
    std::istringstream columns(line);
    std::string range, protection, offset, device, inode, name;
    columns >> range >> protection >> offset >> device >> inode >> name;
    if (name == "[vdso]" || name.starts_with("[vvar")) {
      text += range + " " + protection + " " + name + "\n";
    }
  }
  return text;
}

std::string told(const SystemMappings& found) {
  if (found.doubt != Doubt::kNone) return "doubt " + std::to_string(static_cast<int>(found.doubt));
  std::ostringstream text;
  for (const SystemMapping& m : found.all()) {
    text << std::hex << m.range.start.value << "-" << m.range.end.value << " "
         << ((m.protection & PROT_READ) != 0 ? "r" : "-")
         << ((m.protection & PROT_WRITE) != 0 ? "w" : "-")
         << ((m.protection & PROT_EXEC) != 0 ? "x" : "-") << "p " << m.name << "\n";
  }
  return text.str();
}
std::string doubt(Doubt which) { return "doubt " + std::to_string(static_cast<int>(which)); }

// The same without the borders between data mappings, which advice cannot see.
std::string without_names(const std::string& mappings) {
  std::istringstream lines(mappings);
  std::string text, data_end;
  for (std::string line; std::getline(lines, line);) {
    bool is_data = line.find("[vvar") != std::string::npos;
    if (!is_data) {
      text += data_end + line + "\n";
      continue;
    }
    size_t dash = line.find('-');
    if (text.empty()) text = line.substr(0, dash);
    data_end = line.substr(dash, line.find(' ') - dash) + " r--p [vvar]\n";
  }
  return text;
}

// What `body` gives in a process of its own, and a line more if that did not end well.
std::string in_child(const std::function<std::string()>& body) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe\n";
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    std::string text = body();
    _exit(write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  char piece[1024];
  for (ssize_t got; (got = read(ends[0], piece, sizeof(piece))) > 0;) {
    text.append(piece, static_cast<size_t>(got));
  }
  close(ends[0]);
  int status = -1;
  if (waitpid(child, &status, 0) != child || status != 0) {
    text += "the child's status: " + std::to_string(status) + "\n";
  }
  return text;
}

// As another user than root: root of a user namespace, with no user in it but this one.
bool become_root_of_a_namespace() {
  std::string user = std::to_string(getuid()), group = std::to_string(getgid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  return getuid() == 0 && getgid() == 0;
}

// An empty file system in place of /proc, for this process alone.
bool cover_proc() {
  if (unshare(CLONE_NEWNS) != 0 && !become_root_of_a_namespace()) return false;
  return mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("none", "/proc", "tmpfs", 0, nullptr) == 0;
}

bool seal(const SystemMapping& m) {
  constexpr long kMseal = 462;
  return syscall(kMseal, m.range.start.value, m.range.length().value, 0) == 0;
}

std::string by_every_method(Address vdso) {
  std::string text;
  for (Method method : kTellingOrder) {
    text += told(find_system_mappings(vdso, kPages, {&method, 1}));
  }
  return text;
}

TEST(SystemMappingsLive, TheKernelHasAVdsoWithData) {
  EXPECT_NE(own_vdso().value, 0u);
  EXPECT_NE(in_smaps().find("[vvar]"), std::string::npos);
}

TEST(SystemMappingsLive, AQueryGivesWhatSmapsShows) {
  EXPECT_EQ(told(ask_for_system_mappings(Method::kQuery, own_vdso(), kPages)), in_smaps());
}
TEST(SystemMappingsLive, TheTextOfMapsGivesWhatSmapsShows) {
  EXPECT_EQ(told(ask_for_system_mappings(Method::kProcMaps, own_vdso(), kPages)), in_smaps());
}
TEST(SystemMappingsLive, AdviceGivesTheExtentsThatSmapsShows) {
  EXPECT_EQ(told(ask_for_system_mappings(Method::kAdvice, own_vdso(), kPages)),
            without_names(in_smaps()));
}

TEST(SystemMappingsLive, EveryMethodStandsUpToTheChecks) {
  for (Method method : kTellingOrder) {
    SystemMappings found = find_system_mappings(own_vdso(), kPages, {&method, 1});
    EXPECT_EQ(found.method, method);
    EXPECT_EQ(told(found), method == Method::kAdvice ? without_names(in_smaps()) : in_smaps());
  }
}

TEST(SystemMappingsLive, EachOrderIsAnsweredByItsFirstMethod) {
  EXPECT_EQ(find_system_mappings(own_vdso(), kPages).method, Method::kQuery);
  EXPECT_EQ(find_system_mappings(own_vdso(), kPages, kQuickOrder).method, Method::kAdvice);
}

// The text of /proc/self/smaps, read without an allocation, which may map memory: a sanitizer's does.
struct SmapsText {
  char text[4 << 20];
  size_t size = 0;

  void take() {
    int smaps = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
    ssize_t got = 0;
    for (size = 0; (got = read(smaps, text + size, sizeof(text) - size)) > 0;)
      size += static_cast<size_t>(got);
    close(smaps);
  }
  // What is mapped where, and the flags of each mapping; not how much of it is in use.
  std::string mappings() const {
    std::istringstream lines(std::string(text, size));
    std::string kept;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("VmFlags:") || line.find(':') > line.find('-')) kept += line + "\n";
    }
    return kept;
  }
};

TEST(SystemMappingsLive, NothingIsChangedByAsking) {
  static SmapsText before, after;
  std::string changed = in_child([] {
    before.take();
    find_system_mappings(own_vdso(), kPages);
    find_system_mappings(own_vdso(), kPages, kQuickOrder);
    after.take();
    if (before.mappings().find("[vdso]") == std::string::npos) return std::string("not read");
    return after.mappings() == before.mappings() ? "no" : after.mappings();
  });
  EXPECT_EQ(changed, "no");
}

TEST(SystemMappingsLive, WithoutProcTheExtentsAreTheSame) {
  std::string found = in_child([] {
    if (!cover_proc()) return std::string(kCannotCoverProc);
    if (access("/proc/self", F_OK) == 0) return std::string("/proc is still there");
    return told(find_system_mappings(own_vdso(), kPages));
  });
  if (found == kCannotCoverProc) GTEST_SKIP() << found;
  EXPECT_EQ(found, without_names(in_smaps()));
}

TEST(SystemMappingsLive, AFalseMapsFileIsFoundOut) {
  std::string found = in_child([] {
    std::string lie = in_smaps();
    std::string below =
        (std::ostringstream() << std::hex << own_vdso().value - 12 * kPages.value).str();
    lie.replace(0, lie.find('-'), below);  // the data begins in a neighbour, or in nothing
    size_t at = 0;
    while ((at = lie.find("p [", at)) != std::string::npos)
      lie.replace(at, 2, "p 00000000 00:00 0 ");
    if (!cover_proc() || mkdir("/proc/self", 0755) != 0) return std::string(kCannotCoverProc);
    std::ofstream("/proc/self/maps") << lie;
    SystemMappings text = ask_for_system_mappings(Method::kProcMaps, own_vdso(), kPages);
    if (text.doubt != Doubt::kNone) return "the lie was not even read: " + lie;
    return told(find_system_mappings(own_vdso(), kPages));
  });
  if (found == kCannotCoverProc) GTEST_SKIP() << found;
  EXPECT_EQ(found, doubt(Doubt::kDisagreement));
}

TEST(SystemMappingsLive, SealedMappingsAreFoundAsBefore) {
  std::string found = in_child([] {
    SystemMappings mappings = find_system_mappings(own_vdso(), kPages);
    for (const SystemMapping& m : mappings.all()) {
      if (!seal(m)) return std::string("cannot be sealed: ") + std::strerror(errno);
    }
    return by_every_method(own_vdso());
  });
  EXPECT_EQ(found, in_smaps() + in_smaps() + without_names(in_smaps()));
}

// As rr does it: AT_SYSINFO_EHDR is a page of its own.
TEST(SystemMappingsLive, ACopyOfTheVdsoIsNotTheKernels) {
  void* copy =
      mmap(nullptr, 16 * kPages.value, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(copy, MAP_FAILED);
  std::memcpy(copy, own_vdso().as<void>(), kPages.value);
  for (Method method : kTellingOrder) {
    SystemMappings found = find_system_mappings(Address(copy), kPages, {&method, 1});
    EXPECT_EQ(told(found), doubt(Doubt::kForeign));
  }
  munmap(copy, 16 * kPages.value);
}

// Moves the kernel's mappings into the middle of `area`, for tests of what lies around them, and gives the vDSO's new
// place. The process cannot ask for the time any more: libc remembers where the vDSO was.
Address move_into(AddressRange area) {
  Address to = area.start + ByteCount(kMargin * kPages.value);
  Address vdso;
  SystemMappings found = find_system_mappings(own_vdso(), kPages);
  for (const SystemMapping& m : found.all()) {
    size_t length = m.range.length().value;
    void* got = mremap(m.range.start.as<void>(), length, length, MREMAP_MAYMOVE | MREMAP_FIXED,
                       to.as<void>());
    if (got != to.as<void>()) return Address();
    vdso = to;
    to = to + ByteCount(length);
  }
  return vdso;
}

// Address space with room for all of them and a margin below and above, mapped so.
AddressRange area_of(int protection) {
  size_t length = (2 * kMargin + 2 * 16) * kPages.value;
  void* got = mmap(nullptr, length, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return {Address(got), Address(got) + ByteCount(length)};
}

TEST(SystemMappingsLive, OrdinaryMappingsThatTouchAreLeftOut) {
  for (int protection : {PROT_NONE, PROT_READ, PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE}) {
    std::string wrong = in_child([protection] {
      Address vdso = move_into(area_of(protection));
      std::string smaps = in_smaps(), found = by_every_method(vdso);
      return found == smaps + smaps + without_names(smaps) ? "" : smaps + "\n" + found;
    });
    EXPECT_EQ(wrong, "");
  }
}

TEST(SystemMappingsLive, HolesAroundThemAreLeftOut) {
  std::string wrong = in_child([] {
    AddressRange area = area_of(PROT_NONE);
    Address vdso = move_into(area);
    SystemMappings found = find_system_mappings(vdso, kPages);
    Address begin = found.list[0].range.start, end = found.list[found.count - 1].range.end;
    munmap(area.start.as<void>(), (begin - area.start).value);
    munmap(end.as<void>(), (area.end - end).value);
    std::string smaps = in_smaps(), text = by_every_method(vdso);
    return text == smaps + smaps + without_names(smaps) ? "" : smaps + "\n" + text;
  });
  EXPECT_EQ(wrong, "");
}

// Where the ring of an asynchronous I/O context lies: a special mapping that is none of the system's.
AddressRange special_mapping() {
  aio_context_t context = 0;
  if (syscall(__NR_io_setup, 1, &context) != 0) return {};
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    auto mapping = parse_maps_line(line);
    if (mapping && mapping->range.start.value == context) return mapping->range;
  }
  return {};
}

// No process has such a neighbour before its first instruction: advice, which takes it for data, is right at start-up
// and only there; names are right always.
TEST(SystemMappingsLive, ASpecialMappingThatTouchesIsToldApartByNameOnly) {
  std::string outcome = in_child([] {
    AddressRange ring = special_mapping();
    if (ring.empty()) return std::string("skip: no asynchronous I/O in this kernel");
    AddressRange area = area_of(PROT_NONE);
    Address vdso = move_into(area);
    size_t length = ring.length().value;
    Address below = area.start + ByteCount(kMargin * kPages.value - length);
    if (mremap(ring.start.as<void>(), length, length, MREMAP_MAYMOVE | MREMAP_FIXED,
               below.as<void>()) != below.as<void>()) {
      return std::string("the ring cannot be put there: ") + std::strerror(errno);
    }
    if (told(find_system_mappings(vdso, kPages)) != in_smaps()) return std::string("not by name");
    SystemMappings advised = ask_for_system_mappings(Method::kAdvice, vdso, kPages);
    bool taken = advised.count != 0 && advised.list[0].range.start == below;
    return std::string(taken || advised.doubt == Doubt::kNeighbour ? "as expected"
                                                                   : "advice knows");
  });
  if (outcome.starts_with("skip: ")) GTEST_SKIP() << outcome.substr(6);
  EXPECT_EQ(outcome, "as expected");
}

}  // namespace
}  // namespace ldseal
