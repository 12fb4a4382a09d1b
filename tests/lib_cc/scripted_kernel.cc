#include "tests/lib_cc/scripted_kernel.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <gtest/gtest.h>
#include <ldseal/classes.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ldseal::testing_tools {
namespace {

ScriptedKernel* current = nullptr;

uint64_t page_size() {
  static const auto size = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return size;
}

long answer_of(long value) { return value == -1 ? -errno : value; }

}  // namespace

ScriptedKernel::ScriptedKernel() {
  if (current != nullptr) throw std::logic_error("there is a kernel already");
  current = this;
}

ScriptedKernel::~ScriptedKernel() {
  for (const auto& [path, file] : files_) {
    if (file.memory >= 0) ::close(file.memory);
  }
  for (const auto& [number, file] : open_) ::close(number);
  forget_mappings();
  current = nullptr;
}

void ScriptedKernel::forget_mappings() {
  for (const auto& [page, protection] : pages_) munmap(Address(page).as<void>(), page_size());
  pages_.clear();
}

void ScriptedKernel::add_file(const std::string& path, const std::vector<unsigned char>& bytes,
                              uint32_t mode) {
  int memory = memfd_create(path.c_str(), MFD_CLOEXEC);
  if (memory < 0 ||
      ::write(memory, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("cannot make " + path);
  }
  files_[path] = {memory, next_inode_++, mode};
}

void ScriptedKernel::add_directory(const std::string& path) {
  files_[path] = {-1, next_inode_++, 0040755};
}

void ScriptedKernel::add_link(const std::string& path, const std::string& of) {
  File file = files_.at(of);
  if (file.memory >= 0) file.memory = dup(file.memory);
  files_[path] = file;
}

void ScriptedKernel::refuse(const std::string& path, int error_number) {
  refused_[path] = error_number;
}

void ScriptedKernel::fail_after(size_t calls, int error_number, size_t count) {
  failing_call_ = failable_calls_ + calls;
  last_failing_call_ = failing_call_ + count - 1;
  error_number_ = error_number;
}

void ScriptedKernel::shorten_read_after(size_t calls, size_t bytes) {
  shortened_call_ = failable_calls_ + calls;
  shortened_to_ = bytes;
}

std::vector<std::string> ScriptedKernel::paths_of(const std::string& call) const {
  std::vector<std::string> paths;
  for (const KernelCall& c : calls_) {
    if (c.name == call) paths.push_back(c.path);
  }
  return paths;
}

long ScriptedKernel::note(const char* name, const std::string& path) {
  calls_.push_back({name, path});
  size_t call = failable_calls_++;
  if (call < failing_call_ || call > last_failing_call_) return 0;
  refused_call_ = name;
  return -error_number_;
}

long ScriptedKernel::find(const std::string& path, File& file) const {
  if (auto refusal = refused_.find(path); refusal != refused_.end()) return -refusal->second;
  auto found = files_.find(path);
  if (found == files_.end()) return -ENOENT;
  file = found->second;
  return 0;
}

long ScriptedKernel::status(const File& file, kernel::FileStatus& status) const {
  struct stat s = {};
  if (file.memory >= 0 && fstat(file.memory, &s) != 0) return -errno;
  status = {1, file.inode, static_cast<uint64_t>(s.st_size), file.mode, 0};
  return 0;
}

// The calls themselves, with access to the kernel's inside.
struct KernelOfTests {
  static long open(const char* path) {
    if (current == nullptr) return -ENOENT;
    if (long failed = current->note("open", path)) return failed;
    ScriptedKernel::File file;
    if (long failed = current->find(path, file)) return failed;
    long number = answer_of(file.memory >= 0 ? dup(file.memory) : memfd_create("directory", 0));
    if (number >= 0) current->open_[static_cast<int>(number)] = file;
    return number;
  }

  static long close(int number) {
    if (current != nullptr) {
      current->calls_.push_back({"close", ""});
      if (current->open_.erase(number) == 0) ADD_FAILURE() << "close of a file that is not open";
    }
    return answer_of(::close(number));
  }

  static long open_device(const char* path) {
    if (current == nullptr) return -ENOENT;
    if (long failed = current->note("open_device", path)) return failed;
    auto device = current->devices_.find(path);
    if (device == current->devices_.end()) return -ENOENT;
    constexpr int kFirstThatIsNotStandard = 3;
    int number = current->closed_.empty() ? kFirstThatIsNotStandard : *current->closed_.begin();
    current->closed_.erase(number);
    current->open_devices_[number] = device->second;
    return number;
  }

  static long descriptor_flags(int number) {
    return current != nullptr && current->closed_.count(number) != 0 ? -EBADF : 0;
  }

  static long read(int number, void* buffer, size_t count, uint64_t from) {
    if (current != nullptr) {
      bool shorten = current->failable_calls_ >= current->shortened_call_;
      if (long failed = current->note("read")) return failed;
      if (shorten) {
        count = std::min(count, current->shortened_to_);
        current->shortened_call_ = SIZE_MAX;
      }
    }
    return answer_of(pread(number, buffer, count, static_cast<off_t>(from)));
  }

  static long status(int number, kernel::FileStatus& status) {
    if (current == nullptr) return -EBADF;
    if (long failed = current->note("status")) return failed;
    if (auto device = current->open_devices_.find(number); device != current->open_devices_.end()) {
      status = {1, 1, 0, 0020666, device->second};
      return 0;
    }
    auto file = current->open_.find(number);
    return file == current->open_.end() ? -EBADF : current->status(file->second, status);
  }

  static long status(const char* path, kernel::FileStatus& status) {
    if (current == nullptr) return -ENOENT;
    if (long failed = current->note("status", path)) return failed;
    ScriptedKernel::File file;
    if (long failed = current->find(path, file)) return failed;
    return current->status(file, status);
  }

  static long text(const char* call, const std::string& text, char* buffer, size_t capacity) {
    if (long failed = current->note(call)) return failed;
    size_t size = std::min(capacity, text.size());
    std::memcpy(buffer, text.data(), size);
    return static_cast<long>(size);
  }
  static long link(char* buffer, size_t capacity) {
    return current == nullptr ? -ENOENT : text("read_link", current->executable_, buffer, capacity);
  }
  static long directory(char* buffer, size_t capacity) {
    if (current == nullptr) return -ENOENT;
    return text("current_directory", current->directory_ + '\0', buffer, capacity);
  }

  static long map(Address hint, ByteCount length, int protection, int flags, int file,
                  FileOffset from) {
    if (current != nullptr) {
      if (long failed = current->note("map")) return failed;
    }
    void* got = mmap(hint.as<void>(), length.value, protection, flags, file,
                     static_cast<off_t>(from.value));
    if (got == MAP_FAILED) return -errno;
    auto start = reinterpret_cast<uintptr_t>(got);
    for (uint64_t at = 0; current != nullptr && at < length.value; at += page_size()) {
      current->pages_[start + at] = protection;
    }
    return static_cast<long>(start);
  }

  static long unmap(Address start, ByteCount length) {
    if (current != nullptr) {
      current->calls_.push_back({"unmap", ""});
      for (uint64_t at = 0; at < length.value; at += page_size()) {
        if (current->pages_.erase(start.value + at) == 0)
          ADD_FAILURE() << "unmap of foreign memory";
      }
    }
    return answer_of(munmap(start.as<void>(), length.value));
  }

  static bool was_asked_to_seal(Address page) {
    return std::any_of(current->sealed_.begin(), current->sealed_.end(),
                       [&](AddressRange range) { return range.contains(page); });
  }

  // What was not mapped executable never becomes it: where W^X is enforced (PR_SET_MDWE) the kernel
  // refuses that.
  static void record_protection(uint64_t page, int protection) {
    auto known = current->pages_.find(page);
    bool was_code = known != current->pages_.end() && (known->second & PROT_EXEC) != 0;
    if ((protection & PROT_EXEC) != 0 && !was_code)
      ADD_FAILURE() << "mprotect adds PROT_EXEC to the page at 0x" << std::hex << page;
    if (known != current->pages_.end()) known->second = protection;
  }

  static long protect(Address start, ByteCount length, int protection) {
    if (current != nullptr) {
      if (long failed = current->note("protect")) return failed;
      if (was_asked_to_seal(start)) {
        current->protected_.push_back({start, length, protection});
        return current->only_pretends_to_seal_ ? 0 : -EPERM;
      }
      for (uint64_t at = 0; at < length.value; at += page_size())
        record_protection(start.value + at, protection);
    }
    long answer = answer_of(mprotect(start.as<void>(), length.value, protection));
    if (current != nullptr && current->handler_) current->handler_();
    return answer;
  }

  static long advise(Address start, ByteCount length, int advice) {
    if (current == nullptr || current->address_space_ == nullptr) {
      return answer_of(madvise(start.as<void>(), length.value, advice));
    }
    if (long failed = current->note("advise")) return failed;
    return current->address_space_->advise({start, start + length}, advice);
  }

  static long move(Address from, ByteCount length, Address to) {
    if (current != nullptr) {
      if (long failed = current->note("move")) return failed;
      for (uint64_t at = 0; at < length.value; at += page_size()) {
        auto page = current->pages_.extract(from.value + at);
        if (page.empty()) ADD_FAILURE() << "move of foreign memory";
        current->pages_[to.value + at] = page.empty() ? PROT_NONE : page.mapped();
      }
    }
    void* got = mremap(from.as<void>(), length.value, length.value, MREMAP_MAYMOVE | MREMAP_FIXED,
                       to.as<void>());
    return got == MAP_FAILED ? -errno : static_cast<long>(reinterpret_cast<uintptr_t>(got));
  }

  // The pages that stay behind are not modelled: the loader does not use them.
  static long move_contents(Address from, ByteCount length, Address to) {
    if (current != nullptr) {
      if (long failed = current->note("move_contents")) return failed;
    }
    return move(from, length, to);
  }

  static long seal(Address start, ByteCount length) {
    if (current == nullptr) return -ENOSYS;
    current->sealed_.push_back({start, start + length});
    return current->note("seal");
  }

  static long process_control(int option, unsigned long argument) {
    if (current != nullptr && option == PR_GET_SECCOMP)
      return current->filter_ ? SECCOMP_MODE_FILTER : SECCOMP_MODE_DISABLED;
    if (current == nullptr || option != PR_LDSEAL_EXEMPT) return -EINVAL;
    return (current->exempt_ & argument) != 0 ? 0 : -EINVAL;
  }

  static long run_in_child(void (*question)()) {
    if (current == nullptr || !current->filter_) return -ENOSYS;
    question();
    return current->children_++ == 0 ? current->filter_->first : current->filter_->second;
  }

  static long probe_recorder() { return current != nullptr && current->is_recorded_ ? 0 : -ENOSYS; }

  static long mapping_at(int number, Address address, kernel::MappingStatus& status) {
    if (current == nullptr || current->address_space_ == nullptr) return -ENOTTY;
    if (long failed = current->note("mapping_at")) return failed;
    if (current->open_.count(number) == 0) return -EBADF;
    return current->address_space_->mapping_at(address, status);
  }

  static long write(int number, std::string_view text) {
    if (current == nullptr) return answer_of(::write(number, text.data(), text.size()));
    if (long failed = current->note("write")) return failed;
    current->written_ += text;
    return static_cast<long>(text.size());
  }
};

}  // namespace ldseal::testing_tools

namespace ldseal::kernel {

using testing_tools::answer_of;
using Calls = testing_tools::KernelOfTests;

Answer open_read_only(const char* path) { return {Calls::open(path)}; }
Answer open_to_append(const char* path) { return {Calls::open(path)}; }
Answer open_device(const char* path, int) { return {Calls::open_device(path)}; }
Answer close(int file) { return {Calls::close(file)}; }
Answer descriptor_flags(int file) { return {Calls::descriptor_flags(file)}; }
Answer read_at(int file, void* buffer, size_t count, FileOffset from) {
  return {Calls::read(file, buffer, count, from.value)};
}
Answer write(int file, std::string_view text) { return {Calls::write(file, text)}; }
Answer status_of(int file, FileStatus& status) { return {Calls::status(file, status)}; }
Answer status_of(const char* path, FileStatus& status) { return {Calls::status(path, status)}; }
Answer read_link(const char*, char* buffer, size_t capacity) {
  return {Calls::link(buffer, capacity)};
}
Answer current_directory(char* buffer, size_t capacity) {
  return {Calls::directory(buffer, capacity)};
}
Answer map(Address hint, ByteCount length, int protection, int flags, int file, FileOffset from) {
  return {Calls::map(hint, length, protection, flags, file, from)};
}
Answer unmap(Address start, ByteCount length) { return {Calls::unmap(start, length)}; }
Answer protect(Address start, ByteCount length, int protection) {
  return {Calls::protect(start, length, protection)};
}
Answer advise(Address start, ByteCount length, int advice) {
  return {Calls::advise(start, length, advice)};
}
Answer move(Address from, ByteCount length, Address to) { return {Calls::move(from, length, to)}; }
Answer move_contents(Address from, ByteCount length, Address to) {
  return {Calls::move_contents(from, length, to)};
}
Answer seal(Address start, ByteCount length) { return {Calls::seal(start, length)}; }
Answer process_control(int option, unsigned long argument) {
  return {Calls::process_control(option, argument)};
}
Answer probe_recorder() { return {Calls::probe_recorder()}; }
Answer mapping_at(int maps, Address address, MappingStatus& status) {
  return {Calls::mapping_at(maps, address, status)};
}
Answer unlock(Address start, ByteCount length) {
  return {answer_of(munlock(start.as<void>(), length.value))};
}
Answer probe_read(Address at) {
  return {answer_of(syscall(SYS_futex, at.value, FUTEX_CMP_REQUEUE_PRIVATE, 0, 0, at.value, 0))};
}
Answer probe_write(Address at) {
  constexpr int kOrNothing = FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 0);
  return {
      answer_of(syscall(SYS_futex, at.value, FUTEX_WAKE_OP_PRIVATE, 0, 0, at.value, kOrNothing))};
}
Answer futex_wait(const uint32_t* word, uint32_t expected) {
  return {answer_of(syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, nullptr))};
}
Answer futex_wake(const uint32_t* word, int waiters) {
  return {answer_of(syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, waiters))};
}
uint64_t block_signals() { return 0; }
uint64_t block_signals_of_programs() { return 0; }
void set_signal_mask(uint64_t) {}
Answer run_in_child(void (*question)()) { return {Calls::run_in_child(question)}; }
Answer process_id() { return {getpid()}; }
uint64_t monotonic_nanoseconds() { return 0; }
void exit(int status) { throw testing_tools::ProcessEnded{status}; }

}  // namespace ldseal::kernel
