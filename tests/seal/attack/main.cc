// Runs a program up to its exit and looks at it there, or attacks it.
//   attack [--set NAME=VALUE]... [--smaps FILE] [--report FILE] [--unsealed] PROGRAM [ARGUMENTS...]
// --set is for the environment of the program alone. --smaps writes /proc/PID/smaps of that moment
// into FILE. --report makes every attack on every sealed area, each in a copy of the process, and
// writes a line for each, parts separated by tabs:
//   START-END  PERMISSIONS  KIND  OBJECT  ATTACK  REACH  ANSWER  AFTERMATH
// KIND: file, changed file (private, with pages of its own), guarded file (some pages behind a
// guard), anonymous, sparse (anonymous, some pages never touched), special, writable or writable
// file. ANSWER: ok, the name of an error, or
// killed. AFTERMATH: same; or what became of the area: unmapped, remapped, unsealed, changed,
// unreadable, uncovered (a guard is gone); with "in a fork" where only the next fork sees it.
// --unsealed attacks private read-only areas that are not sealed, to know what the attacks do where
// nothing stops them.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <getopt.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include "attacks.h"
#include "mappings.h"
#include "tracee.h"

namespace {

struct Options {
  std::vector<char*> variables;
  const char* smaps = nullptr;
  const char* report = nullptr;
  bool unsealed = false;
  char** command = nullptr;
};

[[noreturn]] void show_use() {
  std::fputs(
      "use: attack [--set NAME=VALUE]... [--smaps FILE] [--report FILE] [--unsealed] "
      "PROGRAM [ARGUMENTS...]\n",
      stderr);
  std::exit(2);
}

Options read_options(int count, char** words) {
  static const option kLong[] = {{"set", required_argument, nullptr, 'e'},
                                 {"smaps", required_argument, nullptr, 's'},
                                 {"report", required_argument, nullptr, 'r'},
                                 {"unsealed", no_argument, nullptr, 'u'},
                                 {}};
  Options options;
  for (int found; (found = getopt_long(count, words, "+", kLong, nullptr)) != -1;) {
    if (found == 'e') options.variables.push_back(optarg);
    if (found == 's') options.smaps = optarg;
    if (found == 'r') options.report = optarg;
    if (found == 'u') options.unsealed = true;
    if (found == '?') show_use();
  }
  if (optind == count) show_use();
  options.command = words + optind;
  return options;
}

int protection_of(const VirtualArea& area) {
  return (area.permissions[0] == 'r' ? PROT_READ : 0) |
         (area.permissions[1] == 'w' ? PROT_WRITE : 0) |
         (area.permissions[2] == 'x' ? PROT_EXEC : 0);
}

// The bytes of an area, and which of its pages cannot be read.
struct Contents {
  std::vector<char> bytes;
  std::vector<bool> readable;
};

// Reads a span and says which of its pages can be read; the others count as zeroes.
std::vector<bool> read_pages(const Tracee& process, Span span, char* bytes, std::uint64_t page) {
  std::vector<bool> readable(span.length() / page, true);
  for (std::uint64_t at = 0; at < span.length();) {
    at += process.read(span.start + at, bytes + at, span.length() - at);
    if (at == span.length()) break;
    at = at / page * page;
    readable[at / page] = false;
    std::memset(bytes + at, 0, page);
    at += page;
  }
  return readable;
}

Contents contents_of(const Tracee& process, const VirtualArea& area, std::uint64_t page) {
  Contents found{std::vector<char>(area.length()), {}};
  found.readable = read_pages(process, {area.start, area.end}, found.bytes.data(), page);
  return found;
}

// The area as it is before any attack. Read in a copy, so that no page of the program itself is
// touched that it did not touch.
struct Before {
  VirtualArea area;
  std::vector<VirtualArea> mapped;
  Contents contents;
  bool every_page_exists;
  std::uint64_t page;
};

const char* kind_of(const Before& before) {
  const VirtualArea& area = before.area;
  if (area.permissions[1] == 'w') return area.inode != 0 ? "writable file" : "writable";
  if (area.name.starts_with("[v")) return "special";
  if (area.inode == 0) return before.every_page_exists ? "anonymous" : "sparse";
  if (area.has_own_pages) return "changed file";
  return std::ranges::count(before.contents.readable, false) != 0 ? "guarded file" : "file";
}

std::string difference_in_contents(const Before& before, const Tracee& process) {
  static std::vector<char> now(std::size_t{1} << 20);  // in pieces: a program may be big
  const auto& [bytes, readable] = before.contents;
  for (std::size_t from = 0; from < bytes.size(); from += now.size()) {
    std::size_t size = std::min(now.size(), bytes.size() - from);
    Span span{before.area.start + from, before.area.start + from + size};
    std::vector<bool> visible = read_pages(process, span, now.data(), before.page);
    for (std::size_t i = 0; i < visible.size(); ++i)
      if (visible[i] != readable[from / before.page + i])
        return visible[i] ? "uncovered" : "unreadable";
    if (std::memcmp(now.data(), bytes.data() + from, size) != 0) return "changed";
  }
  return "same";
}

std::string difference(const Before& before, const Tracee& process) {
  std::vector<VirtualArea> mapped =
      areas_within(areas_of(process.id()), before.area.start, before.area.end);
  if (same_areas(mapped, before.mapped)) return difference_in_contents(before, process);
  std::uint64_t covered = 0;
  for (const VirtualArea& part : mapped) covered += part.length();
  return covered < before.area.length() ? "unmapped" : "remapped";
}

bool still_sealed(const Before& before, const Tracee& process) {
  auto parts =
      areas_within(parse_areas(read_smaps(process.id())), before.area.start, before.area.end);
  return std::all_of(parts.begin(), parts.end(), [](auto& part) { return part.is_sealed; });
}

std::string aftermath(const Before& before, Tracee& copy, const Attack& attack, bool passed) {
  std::string found = difference(before, copy);
  if (found == "same" && passed && before.area.is_sealed && !still_sealed(before, copy))
    return "unsealed";
  if (found == "same" && attack.shows_after_fork) {
    std::string later = difference(before, copy.fork());
    if (later != "same") return later + " in a fork";
  }
  return found;
}

// In a copy whose only call was refused nothing has changed, and it serves for the next attack:
// making a copy and reading it for the first time is what takes long.
bool is_as_before(const std::optional<Answer>& answer, int calls, const std::string& left) {
  return answer && answer->refused() && calls == 1 && left == "same";
}

void attack_area(Tracee& program, const Before& before, std::FILE* report) {
  const VirtualArea& area = before.area;
  Target target{{area.start, area.end}, protection_of(area), before.page};
  std::optional<Tracee> unchanged;
  for (const Attack& attack : all_attacks()) {
    std::optional<Span> span = aim(attack.reach, target);
    if (!span) continue;
    Tracee copy = unchanged ? std::move(*unchanged) : program.fork();
    unchanged.reset();
    int earlier_calls = copy.calls();
    if (attack.reach == Reach::kSpanning) fill_neighbours(copy, target);
    std::optional<Answer> answer = attack.make(copy, *span, target);
    std::string answer_text = answer ? answer->text() : "killed";
    std::string left = aftermath(before, copy, attack, answer_text == "ok");
    std::fprintf(report, "%llx-%llx\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
                 static_cast<unsigned long long>(area.start),
                 static_cast<unsigned long long>(area.end), area.permissions.c_str(),
                 kind_of(before), area.name.c_str(), attack.name, name_of(attack.reach),
                 answer_text.c_str(), left.c_str());
    if (is_as_before(answer, copy.calls() - earlier_calls, left))
      unchanged.emplace(std::move(copy));
  }
}

bool is_target(const VirtualArea& area, bool unsealed) {
  if (!unsealed) return area.is_sealed;
  return !area.is_sealed && area.permissions[0] == 'r' && area.permissions[1] == '-' &&
         area.name != "[vsyscall]";
}

void attack_program(Tracee& program, bool unsealed, std::FILE* report) {
  auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  auto areas = parse_areas(read_smaps(program.id()));
  for (const VirtualArea& area : areas) {
    if (!is_target(area, unsealed)) continue;
    Before before{area, areas_within(areas, area.start, area.end),
                  contents_of(program.fork(), area, page),
                  every_page_exists(program.id(), area, page), page};
    attack_area(program, before, report);
  }
}

}  // namespace

int main(int count, char** words) {
  Options options = read_options(count, words);
  Tracee program = Tracee::run_to_exit(options.command, options.variables);
  if (options.smaps != nullptr) {
    std::ofstream file(options.smaps);
    file << read_smaps(program.id());
    if (!file.flush()) give_up(options.smaps);
  }
  if (options.report != nullptr) {
    std::FILE* report = std::fopen(options.report, "w");
    if (report == nullptr) give_up(options.report);
    attack_program(program, options.unsealed, report);
    if (std::fclose(report) != 0) give_up(options.report);
  }
  return program.let_exit();
}
