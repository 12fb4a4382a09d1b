// See inspect.h. A process may end, or become another program, between any two reads: then the
// reads fail or do not fit together, and neither is an error.
#include "tools/sealctl/ps/inspect.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/ps/memory.h"
#include "tools/sealctl/ps/unit.h"
#include "tools/sealctl/ps/verdict.h"
#include "tools/sealctl/text.h"

namespace sealctl::ps {
namespace {

constexpr size_t kLongestName = 15;  // of a process, TASK_COMM_LEN without its NUL

// The rest of the line that begins with `field`, as in "Threads:\t4".
std::optional<std::string_view> field_of(std::string_view status, std::string_view field) {
  while (!status.empty()) {
    std::string_view line = take(status, '\n');
    if (!line.starts_with(field)) continue;
    line.remove_prefix(field.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    return line;
  }
  return std::nullopt;
}

unsigned number_of(std::string_view status, std::string_view field) {
  unsigned number = 0;
  if (const auto text = field_of(status, field))
    std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

// The kernel writes these two as escapes into the name, so that it stays on its line.
std::string without_escapes(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool is_escape = name[i] == '\\' && i + 1 < name.size();
    if (is_escape) ++i;
    out += is_escape && name[i] == 'n' ? '\n' : name[i];
  }
  return out;
}

// The name of the process, which is cut off, or that of the executable if it begins so.
std::string command_of(const std::string& name, const std::string& executable) {
  std::string_view file = executable;
  constexpr std::string_view kDeleted = " (deleted)";
  if (file.ends_with(kDeleted)) file.remove_suffix(kDeleted.size());
  file = file_name(file);
  const bool is_cut = name.size() == kLongestName && file.starts_with(name);
  return is_cut ? std::string(file) : name;
}

bool read_status(const ProcFolder& folder, std::string& text, Process& process, std::string& name) {
  if (!folder.read_into("status", text)) return false;
  if (!field_of(text, "VmSize:")) return false;  // no memory
  name = without_escapes(field_of(text, "Name:").value_or(""));
  process.user = number_of(text, "Uid:");
  process.threads = number_of(text, "Threads:");
  constexpr unsigned kFilter = 2;
  process.has_filter = number_of(text, "Seccomp:") == kFilter;
  return true;
}

// Returns false if the process has ended.
bool read_memory(const ProcFolder& folder, ElfCache& cache, std::string& text, Process& process) {
  errno = 0;
  if (!folder.read_into("smaps", text)) return errno == EACCES || errno == EPERM;
  const std::vector<Mapping> mappings = parse_smaps(text);
  if (mappings.empty()) return false;
  process.memory = describe_memory(folder, cache, mappings, process.threads);
  return true;
}

}  // namespace

std::vector<pid_t> list_processes() {
  DIR* folder = opendir("/proc");
  std::vector<pid_t> pids;
  while (const dirent* entry = folder == nullptr ? nullptr : readdir(folder)) {
    if (const auto pid = number_in<pid_t>(entry->d_name)) pids.push_back(*pid);
  }
  if (folder != nullptr) closedir(folder);
  if (pids.empty())
    throw Failure(kNotPermitted, "/proc: lists no processes; mount it: mount -t proc proc /proc");
  return pids;
}

std::optional<Process> inspect(pid_t pid, ElfCache& cache, std::string& text) {
  const ProcFolder folder(pid);
  Process process;
  process.pid = pid;
  std::string name;
  if (!folder || !read_status(folder, text, process, name)) return std::nullopt;
  process.executable = folder.link("exe").value_or("");
  process.command = command_of(name, process.executable);
  if (!folder.read_into("cgroup", text)) return std::nullopt;
  process.cgroup = cgroup_of(text);
  process.unit = unit_of(process.cgroup);
  if (!read_memory(folder, cache, text, process)) return std::nullopt;
  judge(folder, process);
  return process;
}

}  // namespace sealctl::ps
