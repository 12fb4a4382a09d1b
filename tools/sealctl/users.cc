// See users.h.
#include "tools/sealctl/users.h"

#include <fcntl.h>
#include <string>

#include "tools/sealctl/files.h"
#include "tools/sealctl/text.h"

namespace sealctl {
namespace {

constexpr size_t kMost = size_t{64} << 20;

}  // namespace

std::optional<uid_t> user_named(std::string_view name) {
  if (const auto number = number_in<uid_t>(name)) return number;
  const std::string file = read_file(AT_FDCWD, "/etc/passwd", kMost).value_or("");
  std::string_view lines = file;
  while (!lines.empty()) {
    std::string_view line = take(lines, '\n');
    if (take(line, ':') != name) continue;
    (void)take(line, ':');
    return number_in<uid_t>(take(line, ':'));
  }
  return std::nullopt;
}

}  // namespace sealctl
