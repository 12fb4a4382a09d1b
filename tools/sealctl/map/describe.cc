// See describe.h.
#include "tools/sealctl/map/describe.h"

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <unistd.h>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/map/threads.h"
#include "tools/sealctl/ps/guards.h"
#include "tools/sealctl/ps/inspect.h"
#include "tools/sealctl/ps/objects.h"
#include "tools/sealctl/ps/smaps.h"
#include "tools/sealctl/ps/verdict.h"

namespace sealctl::map {
namespace {

struct Span {
  uint64_t start;
  uint64_t end;
};

// The pages of an object, from its first segment to its last.
Span span_of(const ps::MappedObject& object, uint64_t page) {
  Span span{UINT64_MAX, 0};
  for (const ElfLoad& load : object.elf->loads) {
    const uint64_t start = object.bias + load.address;
    span.start = std::min(span.start, start & ~(page - 1));
    span.end = std::max(span.end, (start + load.size + page - 1) & ~(page - 1));
  }
  return span;
}

class Describer {
 public:
  Describer(std::vector<ps::MappedObject> objects, std::vector<Thread> threads)
      : page_(static_cast<uint64_t>(sysconf(_SC_PAGESIZE))),
        objects_(std::move(objects)),
        threads_(std::move(threads)) {
    for (const ps::MappedObject& object : objects_) spans_.push_back(span_of(object, page_));
  }

  // Sets the kind and the object of a mapping.
  void name(const ps::Mapping& m, Line& line) const {
    if (m.is_kernels()) {
      line.kind = Kind::kSystem;
      line.object = m.name;
    } else if (m.name == "[heap]") {
      line.kind = Kind::kHeap;
    } else if (const auto threads = threads_on(m); !threads.empty() || m.name == "[stack]") {
      line.kind = Kind::kStack;
      line.object = text_of(threads);
    } else if (const ps::MappedObject* object = object_at(m)) {
      line.kind = kind_in(*object, m);
      line.object = object->name;
    } else if (m.has_file) {
      line.kind = Kind::kFile;
      line.object = m.name;
    } else {
      line.kind = m.is_executable ? Kind::kCode : Kind::kMemory;
      line.object = m.name;
    }
  }

  // Pages that let nothing in, directly below a stack.
  void find_guard_mappings(std::vector<Line>& lines) const {
    for (size_t i = 1; i < lines.size(); ++i) {
      Line& below = lines[i - 1];
      const bool is_guard = below.kind == Kind::kMemory && below.permissions == "---" &&
                            below.end == lines[i].start && lines[i].kind == Kind::kStack;
      if (!is_guard) continue;
      below.kind = Kind::kGuard;
      below.object = first_between(below.end, lines[i].end);
    }
  }

  // The thread whose stack is above the guard, up to the next guard; else the object around it.
  std::string owner_of(const ps::GuardRange& guard, uint64_t next_guard,
                       std::span<const ps::Mapping> mappings) const {
    const auto m = std::ranges::upper_bound(mappings, guard.start, {}, &ps::Mapping::end);
    if (m == mappings.end() || guard.start < m->start) return {};
    if (m->is_writable && !m->has_file)
      return first_between(guard.end, std::min(next_guard, m->end));
    const ps::MappedObject* object = object_at(*m);
    return std::string(object == nullptr ? m->name : object->name);
  }

 private:
  // Those whose stack pointer is in the range. They are in its order.
  std::span<const Thread> threads_between(uint64_t start, uint64_t end) const {
    const auto first = std::ranges::lower_bound(threads_, start, {}, &Thread::stack_pointer);
    const auto last = std::ranges::lower_bound(threads_, end, {}, &Thread::stack_pointer);
    return {first, last};
  }

  std::string first_between(uint64_t start, uint64_t end) const {
    const auto threads = threads_between(start, end);
    return text_of(threads.first(std::min<size_t>(1, threads.size())));
  }

  std::span<const Thread> threads_on(const ps::Mapping& m) const {
    if (m.has_file || !m.is_writable) return {};
    return threads_between(m.start, m.end);
  }

  // Stacks that touch, with guards in the page table, are one mapping.
  static std::string text_of(std::span<const Thread> threads) {
    if (threads.empty()) return {};
    const Thread& first = threads.front();
    std::string text = fmt::format("{} ({})", first.number, first.name);
    if (threads.size() > 1) text += fmt::format(" and {} more", threads.size() - 1);
    return text;
  }

  const ps::MappedObject* object_at(const ps::Mapping& m) const {
    const auto span = std::ranges::upper_bound(spans_, m.start, {}, &Span::end);
    if (span == spans_.end() || m.start < span->start) return nullptr;
    return &objects_[static_cast<size_t>(span - spans_.begin())];
  }

  Kind kind_in(const ps::MappedObject& object, const ps::Mapping& m) const {
    if (m.is_executable) return Kind::kText;
    if (m.is_writable) return Kind::kData;
    const bool is_relro = m.start < object.relro_end(page_) && object.relro_start(page_) < m.end;
    if (is_relro && m.is_readable) return Kind::kRelro;
    for (const ElfLoad& load : object.elf->loads) {
      const uint64_t start = object.bias + load.address;
      const bool is_in = (start & ~(page_ - 1)) <= m.start && m.start < start + load.size;
      if (is_in) return m.is_readable ? Kind::kConstants : Kind::kHole;
    }
    return Kind::kHole;
  }

  uint64_t page_;
  std::vector<ps::MappedObject> objects_;
  std::vector<Span> spans_;
  std::vector<Thread> threads_;
};

// Why a mapping is not sealed.
std::string reason_for(const Line& line, const ps::Process& process) {
  if (line.is_sealed) return {};
  if (line.name == "[vsyscall]") return "no mapping: nothing can change it";
  switch (line.kind) {
    case Kind::kData:
      return "class data is off";
    case Kind::kHole:
    case Kind::kGuard:
      return "nothing is there";
    case Kind::kStack:
      return "class stack is off, or a thread's: it must be unmapped";
    case Kind::kHeap:
    case Kind::kMemory:
    case Kind::kFile:
      return "not of an object";
    case Kind::kCode:
      return "made at run time";
    default:
      break;
  }
  return process.reasons.empty() ? "changes at run time" : process.reasons.front().text;
}

Line line_of(const ps::Mapping& m) {
  Line line{.start = m.start, .end = m.end, .name = std::string(m.name)};
  line.permissions = {m.is_readable ? 'r' : '-', m.is_writable ? 'w' : '-',
                      m.is_executable ? 'x' : '-'};
  line.has_file = m.has_file;
  line.is_sealed = m.is_sealed;
  return line;
}

std::vector<Guard> name_guards(const std::vector<ps::GuardRange>& ranges,
                               const Describer& describer, std::span<const ps::Mapping> mappings) {
  std::vector<Guard> guards;
  guards.reserve(ranges.size());
  for (size_t i = 0; i < ranges.size(); ++i) {
    const uint64_t next = i + 1 < ranges.size() ? ranges[i + 1].start : UINT64_MAX;
    guards.push_back(
        {ranges[i].start, ranges[i].end, describer.owner_of(ranges[i], next, mappings)});
  }
  return guards;
}

bool is_of_object(const Line& line) { return line.kind <= Kind::kHole; }

std::vector<Guard> find_holes(const std::vector<Line>& lines) {
  std::vector<Guard> holes;
  for (size_t i = 1; i < lines.size(); ++i) {
    const Line &below = lines[i - 1], &above = lines[i];
    const bool is_one = is_of_object(below) && is_of_object(above) && below.object == above.object;
    if (is_one && below.end != above.start) holes.push_back({below.end, above.start, below.object});
  }
  return holes;
}

}  // namespace

std::optional<Map> describe(pid_t pid, Guards guards) {
  ps::ElfCache cache;
  std::string text;  // of smaps, which the mappings refer to
  const auto process = ps::inspect(pid, cache, text);
  const ps::ProcFolder folder(pid);
  if (!process || !folder) return std::nullopt;
  if (!process->memory)
    throw Failure(kNotPermitted, fmt::format("{}: may not be looked at; run sealctl as root", pid));
  Map map{.pid = pid, .command = process->command};
  map.loader = ps::word_for(process->memory->loader);
  map.verdict = ps::word_for(process->verdict);
  const std::vector<ps::Mapping> mappings = ps::parse_smaps(text);
  const Describer describer(ps::find_objects(cache, folder, mappings), list_threads(folder));
  map.lines.reserve(mappings.size());
  for (const ps::Mapping& mapping : mappings) {
    Line line = line_of(mapping);
    describer.name(mapping, line);
    map.lines.push_back(std::move(line));
  }
  describer.find_guard_mappings(map.lines);
  for (Line& line : map.lines) line.reason = reason_for(line, *process);
  if (guards == Guards::kEverywhere) map.holes = find_holes(map.lines);
  const auto ranges = guards == Guards::kEverywhere ? ps::find_all_guards(folder, mappings)
                                                    : ps::find_guards(folder, mappings);
  map.guards = name_guards(ranges, describer, mappings);
  return map;
}

}  // namespace sealctl::map
