// See again.h.
#include "tools/sealctl/prove/again.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/ps/inspect.h"
#include "tools/sealctl/ps/proc_folder.h"
#include "tools/sealctl/text.h"

namespace sealctl::prove {
namespace {

// Texts that end with a NUL each.
std::vector<std::string> texts_in(std::string_view text) {
  std::vector<std::string> texts;
  while (!text.empty()) texts.emplace_back(take(text, '\0'));
  return texts;
}

}  // namespace

Command command_of(pid_t pid) {
  ps::ElfCache cache;
  std::string text;
  const auto process = ps::inspect(pid, cache, text);
  const ps::ProcFolder folder(pid);
  if (!process || !folder)
    throw Failure(kNotPermitted,
                  fmt::format("{}: there is no such process, or it is a kernel's", pid));
  struct stat owner;
  const bool is_known = fstatat(folder.number(), "stat", &owner, 0) == 0;
  const auto arguments = folder.read("cmdline"), environment = folder.read("environ");
  if (!process->memory || !is_known || !arguments || !environment)
    throw Failure(kNotPermitted, fmt::format("{}: may not be looked at; run sealctl as root", pid));
  if (process->verdict == ps::Verdict::kUnsealed)
    throw Failure(kFinding,
                  fmt::format("{}: is not sealed, so that there is nothing to prove: {}", pid,
                              process->reasons.empty() ? "" : process->reasons.front().text));
  Command command{.file = process->executable,
                  .arguments = texts_in(*arguments),
                  .environment = texts_in(*environment),
                  .folder = folder.link("cwd").value_or("")};
  if (geteuid() == 0) {
    command.user = owner.st_uid;
    command.group = owner.st_gid;
  }
  return command;
}

Command command_of(const std::vector<std::string>& words) {
  Command command{.file = words.front(), .arguments = words};
  for (char** variable = environ; *variable != nullptr; ++variable)
    command.environment.emplace_back(*variable);
  return command;
}

}  // namespace sealctl::prove
