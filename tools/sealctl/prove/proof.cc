// See proof.h.
#include "tools/sealctl/prove/proof.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/ps/proc_folder.h"
#include "tools/sealctl/ps/smaps.h"
#include "tools/sealctl/text.h"

namespace sealctl::prove {
namespace {

using map::Kind;
using map::Line;

// Memory of ld-seal that is read-only between changes (ldso/mem/records.h).
bool is_record(const Line& line) {
  return is_loaders(line) && line.kind == Kind::kConstants && !line.has_file && !line.is_sealed;
}

// None: ld-seal does not seal it by default.
std::optional<Group> group_of(const Line& line) {
  if (line.name == "[vsyscall]" || is_record(line)) return std::nullopt;
  switch (line.kind) {
    case Kind::kText:
    case Kind::kConstants:
      return is_loaders(line) ? Group::kLoader : Group::kText;
    case Kind::kRelro:
      return is_loaders(line) ? Group::kLoader : Group::kRelro;
    case Kind::kSystem:
      return line.name.starts_with("[v") ? std::optional(Group::kSystem) : std::nullopt;
    default:
      return std::nullopt;
  }
}

// A piece of a mapping, as the kernel shows it; pieces that differ in nothing are one.
struct Piece {
  uint64_t start, end;
  std::string permissions;
  std::string inode;
  bool operator==(const Piece&) const = default;
};

std::vector<Piece> pieces_of(pid_t pid, const Line& line) {
  const std::string text = ps::ProcFolder(pid).read("maps").value_or("");
  std::vector<Piece> pieces;
  for (const ps::Mapping& m : ps::parse_smaps(text)) {
    if (m.end <= line.start || line.end <= m.start) continue;
    Piece piece{std::max(m.start, line.start), std::min(m.end, line.end), {}, std::string(m.inode)};
    piece.permissions = {m.is_readable ? 'r' : '-', m.is_writable ? 'w' : '-',
                         m.is_executable ? 'x' : '-'};
    Piece* last = pieces.empty() ? nullptr : &pieces.back();
    const bool continues = last != nullptr && last->end == piece.start &&
                           last->permissions == piece.permissions && last->inode == piece.inode;
    if (continues) {
      last->end = piece.end;
    } else {
      pieces.push_back(std::move(piece));
    }
  }
  return pieces;
}

struct Contents {
  std::string bytes;           // of pages that cannot be read: zeroes
  std::vector<bool> readable;  // for each page
  bool operator==(const Contents&) const = default;
};

Contents contents_of(const Tracee& process, const Target& target) {
  Contents found{std::string(target.length(), '\0'), {}};
  found.readable.assign(target.length() / target.page, true);
  for (uint64_t at = 0; at < target.length();) {
    at += process.read(target.start + at, found.bytes.data() + at, target.length() - at);
    if (at >= target.length()) break;
    at = at / target.page * target.page;
    found.readable[at / target.page] = false;
    std::memset(found.bytes.data() + at, 0, target.page);
    at += target.page;
  }
  return found;
}

int protection_of(const Line& line) {
  return (line.can('r') ? PROT_READ : 0) | (line.can('w') ? PROT_WRITE : 0) |
         (line.can('x') ? PROT_EXEC : 0);
}

// A mapping before any attack.
class Subject {
 public:
  Subject(Tracee& program, const Line& line)
      : line_(line),
        target_{line.start, line.end, protection_of(line),
                static_cast<uint64_t>(sysconf(_SC_PAGESIZE))},
        pieces_(pieces_of(program.pid(), line)),
        contents_(contents_of(program.fork(), target_)) {}

  Attempt attack(Tracee& program, const Attack& attack) const {
    Tracee copy = program.fork();
    const std::optional<Answer> answer = attack.make(copy, target_);
    Attempt attempt{.attack = &attack, .answer = answer ? answer->text() : "killed"};
    attempt.effect = effect_in(copy);
    if (attempt.effect == "same" && attack.shows_after_fork && answer && !answer->is_refused())
      attempt.effect = effect_in(copy.fork());
    const bool is_refused = !answer || answer->is_refused();
    if (attempt.effect != "same" || !answer) {
      attempt.outcome = Outcome::kOpen;
    } else if (!answer->is_of_attack) {
      attempt.outcome = Outcome::kNotMade;
    } else {
      attempt.outcome = is_refused ? Outcome::kHeld : Outcome::kNothing;
    }
    return attempt;
  }

 private:
  std::string effect_in(const Tracee& process) const {
    if (process.pid() == 0) return "killed";
    const std::vector<Piece> now = pieces_of(process.pid(), line_);
    if (now != pieces_) {
      uint64_t covered = 0;
      for (const Piece& piece : now) covered += piece.end - piece.start;
      return covered < line_.size() ? "unmapped" : "remapped";
    }
    const Contents contents = contents_of(process, target_);
    if (contents.readable != contents_.readable) return "unreadable";
    return contents.bytes == contents_.bytes ? "same" : "changed";
  }

  const Line& line_;
  Target target_;
  std::vector<Piece> pieces_;
  Contents contents_;
};

}  // namespace

bool is_loaders(const map::Line& line) { return file_name(line.object).starts_with("ld-seal-"); }

std::string_view word_for(Group group) {
  constexpr std::array<std::string_view, static_cast<size_t>(Group::kCount)> kWords = {
      "text", "relro", "system", "loader"};
  return kWords[static_cast<size_t>(group)];
}

std::string_view word_for(Outcome outcome) {
  constexpr std::array<std::string_view, 4> kWords = {"held", "no-effect", "open", "not-made"};
  return kWords[static_cast<size_t>(outcome)];
}

bool Proved::is_open() const {
  return std::ranges::any_of(attempts, [](const Attempt& attempt) {
    return attempt.attack->is_stopped_by_seals && attempt.outcome == Outcome::kOpen;
  });
}

size_t Proof::missing() const {
  return static_cast<size_t>(std::ranges::count_if(mappings, &Proved::is_open));
}

bool Proof::has_way_around() const {
  return std::ranges::any_of(mappings, [](const Proved& proved) {
    return std::ranges::any_of(proved.attempts, [](const Attempt& attempt) {
      return !attempt.attack->is_stopped_by_seals && attempt.outcome == Outcome::kOpen;
    });
  });
}

Proof prove(Command command) {
  Tracee program = Tracee::start(command);
  Proof proof{.pid = program.pid()};
  std::optional<map::Map> map = map::describe(program.pid(), map::Guards::kInMemory);
  if (!map) throw Failure(kNotPermitted, "the fresh start is gone");
  proof.map = *std::move(map);
  for (const Line& line : proof.map.lines) {
    if (is_record(line)) proof.records += line.size();
    const std::optional<Group> group = group_of(line);
    if (!group) continue;
    Proved proved{.line = line, .group = *group};
    const Subject subject(program, line);
    for (const Attack& attack : all_attacks())
      proved.attempts.push_back(subject.attack(program, attack));
    proof.mappings.push_back(std::move(proved));
  }
  proof.control_flow = attack_control_flow(std::move(command), program, proof.map);
  return proof;
}

}  // namespace sealctl::prove
