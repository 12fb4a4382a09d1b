// Finds the kernel's mappings by reading the text of /proc/self/maps up to the vDSO.
#include <algorithm>
#include <linux/mman.h>

#include "ldso/base/text.h"
#include "ldso/mem/mapping.h"
#include "ldso/seal/system_mappings_names.h"

namespace ldseal {
namespace {

using Method = SystemMappingsMethod;
using Doubt = SystemMappingsDoubt;

// Reads a file line by line, whatever sizes read(2) returns.
class Lines {
 public:
  explicit Lines(int file) : file_(file) {}

  // Reads the next line, or as much of it as `line` holds; false if there is no whole line left.
  bool next(TextWriter& line) {
    line.clear();
    while (used_ < held_ || read_more()) {
      char c = buffer_[used_++];
      if (c == '\n') return true;
      line << c;
    }
    return false;
  }

 private:
  bool read_more() {
    kernel::Answer got = kernel::read_at(file_, buffer_, sizeof(buffer_), FileOffset(offset_));
    if (got.failed() || got.value == 0) return false;
    held_ = static_cast<size_t>(got.value);
    used_ = 0;
    offset_ += held_;
    return true;
  }

  int file_;
  uint64_t offset_ = 0;
  size_t held_ = 0, used_ = 0;
  char buffer_[2048];
};

// Addresses ascend, so the data comes before the vDSO.
SystemMappings read_in(int maps, Address vdso) {
  constexpr size_t kUpToAName = 128;  // the columns before the name, and a name of the kernel
  SystemMappings found = no_system_mappings(Method::kProcMaps, Doubt::kNone);
  Lines lines(maps);
  TextBuffer<kUpToAName> line;
  while (lines.next(line)) {
    std::optional<SystemMapping> mapping = parse_maps_line(line.text());
    if (!mapping) break;
    bool touches =
        found.count != 0 && found.list[found.count - 1].range.end == mapping->range.start;
    if (!touches) found.count = 0;
    if (vdso < mapping->range.end) {
      if (!is_vdso(*mapping, vdso)) return no_system_mappings(Method::kProcMaps, Doubt::kForeign);
      if (append(found, *mapping)) return found;
      return no_system_mappings(Method::kProcMaps, Doubt::kTooLarge);
    }
    if (is_kernel_data(*mapping) && !append(found, *mapping)) {
      return no_system_mappings(Method::kProcMaps, Doubt::kTooLarge);
    }
  }
  return no_system_mappings(Method::kProcMaps, Doubt::kNoMethod);
}

std::optional<uint64_t> hexadecimal(std::string_view digits) {
  if (digits.empty() || digits.size() > 16) return std::nullopt;
  uint64_t value = 0;
  for (char c : digits) {
    bool is_letter = c >= 'a' && c <= 'f';
    if (!is_letter && (c < '0' || c > '9')) return std::nullopt;
    value = value * 16 + static_cast<uint64_t>(is_letter ? c - 'a' + 10 : c - '0');
  }
  return value;
}

std::optional<AddressRange> range_in(std::string_view text) {
  size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  std::optional<uint64_t> start = hexadecimal(text.substr(0, dash));
  std::optional<uint64_t> end = hexadecimal(text.substr(dash + 1));
  if (!start || !end || *end <= *start) return std::nullopt;
  return AddressRange{Address(*start), Address(*end)};
}

// Reads "r-xp": read, write, execute, private or shared.
std::optional<int> protection_in(std::string_view text) {
  constexpr std::string_view kLetters = "rwx";
  constexpr int kBits[] = {PROT_READ, PROT_WRITE, PROT_EXEC};
  if (text.size() != kLetters.size() + 1) return std::nullopt;
  int protection = 0;
  for (size_t i = 0; i < kLetters.size(); ++i) {
    if (text[i] != kLetters[i] && text[i] != '-') return std::nullopt;
    if (text[i] != '-') protection |= kBits[i];
  }
  return protection;
}

}  // namespace

std::optional<SystemMapping> parse_maps_line(std::string_view line) {
  std::string_view addresses, permissions, offset, device, inode;
  for (std::string_view* column : {&addresses, &permissions, &offset, &device, &inode}) {
    if (!split_next(line, " ", *column) || column->empty()) return std::nullopt;
  }
  std::optional<AddressRange> range = range_in(addresses);
  std::optional<int> protection = protection_in(permissions);
  if (!range || !protection) return std::nullopt;
  SystemMapping mapping{*range, *protection, ""};
  size_t begin = line.find_first_not_of(' ');
  std::string_view name = begin == std::string_view::npos ? "" : line.substr(begin);
  if (name.size() < SystemMapping::kNameCapacity) {
    std::copy(name.begin(), name.end(), mapping.name);
  }
  return mapping;
}

SystemMappings read_system_mappings(Address vdso) {
  return with_maps(Method::kProcMaps, read_in, vdso);
}

}  // namespace ldseal
