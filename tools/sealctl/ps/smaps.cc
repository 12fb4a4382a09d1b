// See smaps.h. The format is that of proc_pid_smaps(5): a line as in maps, then lines that begin
// with a capital letter, of which VmFlags is the last one.
#include "tools/sealctl/ps/smaps.h"

#include "tools/sealctl/text.h"

namespace sealctl::ps {
namespace {

constexpr int kHexadecimal = 16;

bool read_number(std::string_view digits, uint64_t& number) {
  const auto read = number_in<uint64_t>(digits, kHexadecimal);
  number = read.value_or(0);
  return read.has_value();
}

// start-end rwxp offset device inode   name
bool read_header(std::string_view line, Mapping& m) {
  const bool is_range =
      read_number(take(line, '-'), m.start) && read_number(take(line, ' '), m.end);
  const std::string_view protection = take(line, ' ');
  if (!is_range || protection.size() < 4 || !read_number(take(line, ' '), m.offset)) return false;
  m.is_readable = protection[0] == 'r';
  m.is_writable = protection[1] == 'w';
  m.is_executable = protection[2] == 'x';
  const std::string_view rest = line;
  (void)take(line, ' ');
  const std::string_view number = take(line, ' ');
  m.inode = rest.substr(0, static_cast<size_t>(number.data() + number.size() - rest.data()));
  m.has_file = number != "0";
  const size_t name = line.find_first_not_of(' ');
  if (name != line.npos) m.name = line.substr(name);
  return true;
}

// Two letters and a blank for each flag.
bool has_seal(std::string_view flags) {
  for (size_t at = 0; (at = flags.find("sl", at)) != flags.npos; ++at) {
    if (flags[at - 1] == ' ') return true;
  }
  return false;
}

}  // namespace

std::vector<Mapping> parse_smaps(std::string_view text) {
  constexpr std::string_view kFlags = "VmFlags:";
  std::vector<Mapping> mappings;
  while (!text.empty()) {
    const std::string_view line = take(text, '\n');
    if (line.empty()) continue;
    if (line.front() < 'A' || line.front() > 'Z') {
      Mapping mapping;
      if (read_header(line, mapping)) mappings.push_back(mapping);
    } else if (line.starts_with(kFlags) && !mappings.empty()) {
      mappings.back().is_sealed = has_seal(line.substr(kFlags.size() - 1));
    }
  }
  return mappings;
}

}  // namespace sealctl::ps
