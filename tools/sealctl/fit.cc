// See fit.h.
#include "tools/sealctl/fit.h"

#include <algorithm>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tools/sealctl/text.h"

namespace sealctl {
namespace {

constexpr std::string_view kEllipsis = "...";
constexpr size_t kUsualColumns = 80;  // of a terminal that does not say how many it has

// How much of the text the next line takes, without the blank behind it.
size_t next_line(std::string_view text, size_t room, size_t rest) {
  if (text.size() <= room) return text.size();
  const size_t blank = text.rfind(' ', room);
  if (blank != text.npos && blank != 0) return blank;
  const size_t word = std::min(text.find(' '), text.size());
  return word <= rest && room < rest ? 0 : room;
}

}  // namespace

size_t output_columns() {
  if (isatty(STDOUT_FILENO) != 1) return kUnlimited;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const size_t number = number_in<size_t>(columns == nullptr ? "" : columns).value_or(0);
  return number == 0 ? kUsualColumns : number;
}

std::string shorten(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  if (most <= kEllipsis.size()) return std::string(text.substr(0, most));
  const size_t kept = most - kEllipsis.size();
  const size_t head = text.front() == '/' ? kept / 3 : (kept + 1) / 2;
  std::string out(text.substr(0, head));
  out += kEllipsis;
  out += text.substr(text.size() - (kept - head));
  return out;
}

std::vector<std::string> wrap(std::string_view text, size_t first, size_t rest) {
  std::vector<std::string> lines;
  rest = std::max<size_t>(rest, 1);
  for (size_t room = first; lines.empty() || !text.empty(); room = rest) {
    const size_t length = next_line(text, room, rest);
    lines.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
    if (!lines.back().empty() && text.starts_with(' ')) text.remove_prefix(1);
  }
  return lines;
}

}  // namespace sealctl
