#include "userfault.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <vector>

namespace {

constexpr int kUserModeOnly = 1;  // UFFD_USER_MODE_ONLY: what a user without privileges may have

using Result = std::optional<Answer>;

template <class Argument>
Result control(Tracee& copy, Answer file, std::uint64_t request, const Argument& argument) {
  return copy.call(
      {SYS_ioctl,
       {static_cast<std::uint64_t>(file.value), request, copy.place(&argument, sizeof argument)}});
}

Result register_missing(Tracee& copy, Answer file, std::uint64_t start, std::uint64_t length) {
  uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
  Result agreed = control(copy, file, UFFDIO_API, api);
  if (!agreed || agreed->refused()) return agreed;
  uffdio_register request{
      .range = {.start = start, .len = length}, .mode = UFFDIO_REGISTER_MODE_MISSING, .ioctls = 0};
  return control(copy, file, UFFDIO_REGISTER, request);
}

Result page_of_ones(Tracee& copy, std::uint64_t page) {
  Result memory = copy.call(
      {SYS_mmap, {0, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, ~0ull, 0}});
  if (!memory || memory->refused()) return memory;
  std::vector<unsigned char> ones(page, 1);
  copy.write(static_cast<std::uint64_t>(memory->value), ones.data(), ones.size());
  return memory;
}

}  // namespace

// Tries every page; the first one that can be filled is the answer.
std::optional<Answer> fill_missing_pages(Tracee& copy, std::uint64_t start, std::uint64_t end,
                                         std::uint64_t page) {
  Result file = copy.call({SYS_userfaultfd, {O_CLOEXEC | kUserModeOnly}});
  if (!file || file->refused()) return file;
  Result answer = register_missing(copy, *file, start, end - start);
  if (!answer || answer->refused()) return answer;
  Result source = page_of_ones(copy, page);
  if (!source || source->refused()) return source;
  for (std::uint64_t at = start; at < end; at += page) {
    uffdio_copy request{.dst = at,
                        .src = static_cast<std::uint64_t>(source->value),
                        .len = page,
                        .mode = UFFDIO_COPY_MODE_DONTWAKE,
                        .copy = 0};
    answer = control(copy, *file, UFFDIO_COPY, request);
    if (!answer || !answer->refused()) return answer;
  }
  return answer;
}
