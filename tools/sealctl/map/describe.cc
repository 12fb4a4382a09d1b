// See describe.h.
#include "tools/sealctl/map/describe.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <unistd.h>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/map/threads.h"
#include "tools/sealctl/ps/inspect.h"
#include "tools/sealctl/ps/objects.h"

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

  // The kind and the object of a mapping.
  void name(Line& line) const {
    const ps::Mapping& m = line.mapping;
    if (m.is_kernels()) {
      line.kind = Kind::kSystem;
      line.object = m.name;
    } else if (m.name == "[heap]") {
      line.kind = Kind::kHeap;
    } else if (const Thread* thread = thread_on(m); thread != nullptr || m.name == "[stack]") {
      line.kind = Kind::kStack;
      if (thread != nullptr) line.object = fmt::format("{} ({})", thread->number, thread->name);
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

 private:
  const Thread* thread_on(const ps::Mapping& m) const {
    if (m.has_file || !m.is_writable) return nullptr;
    const auto thread = std::ranges::lower_bound(threads_, m.start, {}, &Thread::stack_pointer);
    return thread != threads_.end() && thread->stack_pointer < m.end ? &*thread : nullptr;
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
  if (line.mapping.is_sealed) return {};
  if (line.mapping.name == "[vsyscall]") return "no mapping: nothing can change it";
  switch (line.kind) {
    case Kind::kData:
      return "class data is off";
    case Kind::kHole:
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

}  // namespace

std::optional<Map> describe(pid_t pid) {
  ps::ElfCache cache;
  Map map;
  auto process = ps::inspect(pid, cache, map.text);
  const ps::ProcFolder folder(pid);
  if (!process || !folder) return std::nullopt;
  if (!process->memory)
    throw Failure(kNotPermitted, fmt::format("{}: may not be looked at; run sealctl as root", pid));
  map.process = *std::move(process);
  const std::vector<ps::Mapping> mappings = ps::parse_smaps(map.text);
  const Describer describer(ps::find_objects(cache, folder, mappings), list_threads(folder));
  for (const ps::Mapping& mapping : mappings) {
    Line line{.mapping = mapping};
    describer.name(line);
    line.reason = reason_for(line, map.process);
    map.lines.push_back(std::move(line));
  }
  map.guards = ps::find_guards(folder, mappings);
  return map;
}

std::string_view word_for(Kind kind) {
  constexpr std::array<std::string_view, 11> kWords = {"text", "constants", "relro", "data",
                                                       "hole", "system",    "stack", "heap",
                                                       "file", "code",      "memory"};
  return kWords[static_cast<size_t>(kind)];
}

}  // namespace sealctl::map
