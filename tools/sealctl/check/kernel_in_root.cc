// See kernel_in_root.h. Nothing here writes. Calls that the linked sources do not make are missing.
#include "tools/sealctl/check/kernel_in_root.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ldso/sys/kernel.h"
#include "tools/sealctl/check/object_views.h"
#include "tools/sealctl/files.h"

namespace sealctl::check {
namespace {

const doctor::Root* seen_root = nullptr;

std::string current_folder() {
  char text[PATH_MAX];
  return getcwd(text, sizeof text) == nullptr ? "/" : text;
}

}  // namespace

void let_loader_see(const doctor::Root* root) { seen_root = root; }

std::string absolute(const doctor::Root& root, const std::string& path) {
  if (path.starts_with('/')) return path;
  return root.is_running_system() ? fmt::format("{}/{}", current_folder(), path) : "/" + path;
}

}  // namespace sealctl::check

namespace ldseal::kernel {
namespace {

using sealctl::check::seen_root;

Answer answer_of(long value) { return {value < 0 ? -static_cast<long>(errno) : value}; }

Answer fill(const struct stat& from, FileStatus& status) {
  status = {from.st_dev, from.st_ino, static_cast<uint64_t>(from.st_size), from.st_mode,
            from.st_rdev};
  return {0};
}

std::string path_in_root(const char* path) { return sealctl::check::absolute(*seen_root, path); }

}  // namespace

Answer open_read_only(const char* path) {
  sealctl::Descriptor file = seen_root->open_file(path_in_root(path));
  if (!file) return {errno == EACCES || errno == EMFILE ? -static_cast<long>(errno) : -ENOENT};
  return {std::move(file).release()};
}

Answer close(int file) { return answer_of(::close(file)); }

Answer read_at(int file, void* buffer, size_t count, FileOffset from) {
  return answer_of(pread(file, buffer, count, static_cast<off_t>(from.value)));
}

Answer status_of(int file, FileStatus& status) {
  struct stat found;
  return fstat(file, &found) == 0 ? fill(found, status) : answer_of(-1);
}

Answer status_of(const char* path, FileStatus& status) {
  struct stat found;
  const sealctl::Descriptor named = seen_root->open_name(path_in_root(path));
  return named && fstat(named.number(), &found) == 0 ? fill(found, status) : answer_of(-1);
}

Answer read_link(const char* path, char* buffer, size_t capacity) {
  const std::string target = seen_root->link(path).value_or("");
  if (target.empty() || target.size() > capacity) return {-ENOENT};
  std::ranges::copy(target, buffer);
  return {static_cast<long>(target.size())};
}

Answer current_directory(char* buffer, size_t capacity) {
  std::string folder = seen_root->is_running_system() ? sealctl::check::current_folder() : "/";
  if (folder.size() >= capacity) return {-ERANGE};
  std::ranges::copy(folder, buffer);
  buffer[folder.size()] = '\0';
  return {static_cast<long>(folder.size() + 1)};
}

// Of a file a copy is given (files.h).
Answer map(Address hint, ByteCount length, int protection, int flags, int file, FileOffset from) {
  void* at =
      mmap(hint.as<void>(), length.value, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return answer_of(-1);
  const bool is_filled = file < 0 || sealctl::read_part(file, at, length.value, from.value);
  if (is_filled && mprotect(at, length.value, protection & ~PROT_EXEC) == 0)
    return Answer{reinterpret_cast<long>(at)};
  const Answer refused = answer_of(-1);
  munmap(at, length.value);
  return refused;
}

Answer unmap(Address start, ByteCount length) {
  const auto* views = sealctl::check::ObjectViews::current();
  if (views != nullptr && views->has(start)) return {0};
  return answer_of(munmap(start.as<void>(), length.value));
}

}  // namespace ldseal::kernel
