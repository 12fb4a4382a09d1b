#include "userfault.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <vector>

namespace userfault {
namespace {

constexpr int kUserModeOnly = 1;  // UFFD_USER_MODE_ONLY: what a user without privileges may have

// Newer than the headers of the machine that the tests are built on (Linux 6.8 and 6.6).
struct MovePages {
  std::uint64_t to, from, length, mode;
  std::int64_t moved;
};
struct PoisonPages {
  uffdio_range range;
  std::uint64_t mode;
  std::int64_t updated;
};
constexpr unsigned long kMove = _IOWR(UFFDIO, 0x05, MovePages);
constexpr unsigned long kPoison = _IOWR(UFFDIO, 0x08, PoisonPages);

std::uint64_t value_of(const Result& result) { return static_cast<std::uint64_t>(result->value); }
bool failed(const Result& result) { return !result || result->refused(); }

template <class Argument>
Result control(Tracee& tracee, std::uint64_t file, std::uint64_t request,
               const Argument& argument) {
  return tracee.call({SYS_ioctl, {file, request, tracee.place(&argument, sizeof argument)}});
}

// A userfaultfd for the missing pages of a span.
Result watch(Tracee& tracee, Span span) {
  Result file = tracee.call({SYS_userfaultfd, {O_CLOEXEC | kUserModeOnly}});
  if (failed(file)) return file;
  uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
  Result agreed = control(tracee, value_of(file), UFFDIO_API, api);
  if (failed(agreed)) return agreed;
  uffdio_register request{.range = {.start = span.start, .len = span.length()},
                          .mode = UFFDIO_REGISTER_MODE_MISSING,
                          .ioctls = 0};
  Result registered = control(tracee, value_of(file), UFFDIO_REGISTER, request);
  return failed(registered) ? registered : file;
}

Result fresh_memory(Tracee& tracee, std::uint64_t length) {
  return tracee.call(
      {SYS_mmap, {0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, ~0ull, 0}});
}

Result page_of_ones(Tracee& tracee, std::uint64_t page) {
  Result memory = fresh_memory(tracee, page);
  if (failed(memory)) return memory;
  std::vector<unsigned char> ones(page, 1);
  tracee.write(value_of(memory), ones.data(), ones.size());
  return memory;
}

// Tries every page; the first one with which it works is the answer.
template <class Try>
Result first_success(Span span, std::uint64_t page, const Try& attempt) {
  Result answer;
  for (std::uint64_t at = span.start; at < span.end; at += page) {
    answer = attempt(at);
    if (!failed(answer) || !answer) return answer;
  }
  return answer;
}

// Moves single pages; both spans are as long.
Result move(Tracee& tracee, std::uint64_t file, Span from, Span to, std::uint64_t page) {
  return first_success(to, page, [&](std::uint64_t at) {
    MovePages request{at, from.start + (at - to.start), page, 0, 0};
    return control(tracee, file, kMove, request);
  });
}

}  // namespace

Result copy(Tracee& tracee, Span span, const Target& target) {
  Result file = watch(tracee, span);
  if (failed(file)) return file;
  Result source = page_of_ones(tracee, target.page);
  if (failed(source)) return source;
  return first_success(span, target.page, [&](std::uint64_t at) {
    uffdio_copy request{.dst = at,
                        .src = value_of(source),
                        .len = target.page,
                        .mode = UFFDIO_COPY_MODE_DONTWAKE,
                        .copy = 0};
    return control(tracee, value_of(file), UFFDIO_COPY, request);
  });
}

Result zero(Tracee& tracee, Span span, const Target& target) {
  Result file = watch(tracee, span);
  if (failed(file)) return file;
  return first_success(span, target.page, [&](std::uint64_t at) {
    uffdio_zeropage request{.range = {.start = at, .len = target.page}, .mode = 0, .zeropage = 0};
    return control(tracee, value_of(file), UFFDIO_ZEROPAGE, request);
  });
}

Result poison(Tracee& tracee, Span span, const Target& target) {
  Result file = watch(tracee, span);
  if (failed(file)) return file;
  return first_success(span, target.page, [&](std::uint64_t at) {
    PoisonPages request{{.start = at, .len = target.page}, 0, 0};
    return control(tracee, value_of(file), kPoison, request);
  });
}

// From memory that has every page, and the protection that the target has.
Result move_onto(Tracee& tracee, Span span, const Target& target) {
  Result file = watch(tracee, span);
  if (failed(file)) return file;
  Result source = fresh_memory(tracee, span.length());
  if (failed(source)) return source;
  Span from{value_of(source), value_of(source) + span.length()};
  for (std::uint64_t at = from.start; at < from.end; at += target.page)
    tracee.write(at, "moved", sizeof "moved");
  auto protection = static_cast<std::uint64_t>(target.protection);
  tracee.call({SYS_mprotect, {from.start, from.length(), protection}});
  return move(tracee, value_of(file), from, span, target.page);
}

Result move_away(Tracee& tracee, Span span, const Target& target) {
  Result place = fresh_memory(tracee, span.length());
  if (failed(place)) return place;
  Span to{value_of(place), value_of(place) + span.length()};
  auto protection = static_cast<std::uint64_t>(target.protection);
  tracee.call({SYS_mprotect, {to.start, to.length(), protection}});
  Result file = watch(tracee, to);
  return failed(file) ? file : move(tracee, value_of(file), span, to, target.page);
}

}  // namespace userfault
