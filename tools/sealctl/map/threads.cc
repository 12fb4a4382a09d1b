// See threads.h. /proc/PID/task/TID/syscall holds the number of a call, its six arguments, the
// stack pointer and the program counter; or -1 and the last two; or "running".
#include "tools/sealctl/map/threads.h"

#include <algorithm>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>

#include "tools/sealctl/text.h"

namespace sealctl::map {
namespace {

constexpr int kHexadecimal = 16;

uint64_t stack_pointer_in(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  const size_t last = text.rfind(' ');
  if (last == text.npos) return 0;
  text = text.substr(0, last);
  text.remove_prefix(std::min(text.rfind(' ') + 1, text.size()));
  if (!text.starts_with("0x")) return 0;
  return number_in<uint64_t>(text.substr(2), kHexadecimal).value_or(0);
}

std::vector<pid_t> numbers_of(const ps::ProcFolder& process) {
  std::vector<pid_t> numbers;
  const int folder = openat(process.number(), "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* entries = folder < 0 ? nullptr : fdopendir(folder);
  while (const dirent* entry = entries == nullptr ? nullptr : readdir(entries)) {
    if (const auto number = number_in<pid_t>(entry->d_name)) numbers.push_back(*number);
  }
  if (entries != nullptr) closedir(entries);
  return numbers;
}

}  // namespace

std::vector<Thread> list_threads(const ps::ProcFolder& process) {
  std::vector<Thread> threads;
  for (const pid_t number : numbers_of(process)) {
    const auto call = process.read(fmt::format("task/{}/syscall", number).c_str());
    const uint64_t stack_pointer = stack_pointer_in(call.value_or(""));
    if (stack_pointer == 0) continue;
    std::string name = process.read(fmt::format("task/{}/comm", number).c_str()).value_or("");
    if (name.ends_with('\n')) name.pop_back();
    threads.push_back({number, std::move(name), stack_pointer});
  }
  std::ranges::sort(threads, {}, &Thread::stack_pointer);
  return threads;
}

}  // namespace sealctl::map
