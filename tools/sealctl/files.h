// Files by descriptor: closed by themselves, read whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace sealctl {

// A descriptor that is closed when the object ends; -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  explicit operator bool() const { return number_ >= 0; }
  int number() const { return number_; }
  // Gives the descriptor up without closing it.
  int release() && { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

// Replaces `text` by the file's contents, of which at most `most` bytes are read. Returns whether
// every read succeeded; errno has the reason if not.
bool read_all(const Descriptor& file, std::string& text, size_t most);

// Copies `count` bytes of the file, from `offset` on, to `to`: fewer if the file ends before. Holes of
// the file are left out, because `to` must be zero. Returns the number of bytes up to the end of the
// file. None: errno has the reason.
//
// Files that others may change are read and never mapped: a mapping of a file that is truncated
// kills with SIGBUS who reads it.
std::optional<size_t> read_part(int file, void* to, size_t count, uint64_t offset);

// The file's contents, at most `most` bytes. `folder` is a descriptor or AT_FDCWD. None: errno has
// the reason.
std::optional<std::string> read_file(int folder, const char* path, size_t most);

// The target of a symbolic link. None: errno has the reason.
std::optional<std::string> read_link(int folder, const char* path);

}  // namespace sealctl
