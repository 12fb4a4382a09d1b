// See cpio.h. The format is "newc": a header of 110 characters in hexadecimal, the name, the
// contents; name and contents end at multiples of four.
#include "tools/sealctl/doctor/cpio.h"

#include <charconv>
#include <cstdint>
#include <linux/limits.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace sealctl::doctor {
namespace {

constexpr size_t kHeader = 110;
constexpr uint64_t kAlignment = 4;

uint64_t aligned(uint64_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

std::string bytes_at(const Descriptor& file, uint64_t offset, size_t size) {
  std::string bytes(size, '\0');
  const ssize_t count = pread(file.number(), bytes.data(), size, static_cast<off_t>(offset));
  bytes.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return bytes;
}

// The field with this number, of eight digits.
uint64_t field(std::string_view header, size_t number) {
  constexpr size_t kMagic = 6, kDigits = 8;
  constexpr int kHexadecimal = 16;
  const std::string_view digits = header.substr(kMagic + kDigits * number, kDigits);
  uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, kHexadecimal);
  return value;
}

bool is_header(std::string_view bytes) {
  return bytes.size() == kHeader && (bytes.starts_with("070701") || bytes.starts_with("070702"));
}

// Archives in a row have zeros between them.
uint64_t after_zeros(const Descriptor& file, uint64_t offset) {
  constexpr size_t kPart = 0x1000;
  while (true) {
    const std::string part = bytes_at(file, offset, kPart);
    const size_t zeros = std::min(part.find_first_not_of('\0'), part.size());
    offset += zeros;
    if (zeros < part.size() || part.empty()) return offset;
  }
}

}  // namespace

Archived find_in_cpio(const Descriptor& file, std::string_view part) {
  constexpr size_t kFileSize = 6, kNameSize = 11;
  struct stat status;
  if (fstat(file.number(), &status) != 0) return Archived::kNo;
  for (uint64_t at = 0; (at = after_zeros(file, at)) < static_cast<uint64_t>(status.st_size);) {
    const std::string header = bytes_at(file, at, kHeader);
    if (!is_header(header)) return Archived::kCompressed;
    const uint64_t name_size = field(header, kNameSize);
    if (name_size > PATH_MAX) return Archived::kCompressed;
    const std::string name = bytes_at(file, at + kHeader, name_size);
    if (name.find(part) != name.npos) return Archived::kYes;
    at = aligned(aligned(at + kHeader + name_size) + field(header, kFileSize));
  }
  return Archived::kNo;
}

}  // namespace sealctl::doctor
