// See elf_summary.h. Every structure is copied out of the file by one read that must be whole.
#include "tools/sealctl/elf_summary.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <elf.h>
#include <string_view>
#include <unistd.h>

#include "ldso/elf/notes.h"
#include "ldso/seal/policy.h"

namespace sealctl {
namespace {

constexpr size_t kMostHeaders = 256;
constexpr size_t kMostDynamic = 1024;
constexpr size_t kMostNotes = 0x4000;
constexpr size_t kLongestString = 1024;

class Reader {
 public:
  explicit Reader(const Descriptor& file) : file_(file.number()) {}

  template <typename T>
  bool read(uint64_t offset, T& value) const {
    return pread(file_, &value, sizeof value, static_cast<off_t>(offset)) ==
           static_cast<ssize_t>(sizeof value);
  }

  // Up to `most` bytes.
  std::string bytes(uint64_t offset, uint64_t most) const {
    std::string out(most, '\0');
    const ssize_t count = pread(file_, out.data(), most, static_cast<off_t>(offset));
    out.resize(count < 0 ? 0 : static_cast<size_t>(count));
    return out;
  }

  std::string string(uint64_t offset) const {
    std::string out = bytes(offset, kLongestString);
    const size_t end = out.find('\0');
    return end == out.npos ? std::string() : out.substr(0, end);
  }

 private:
  int file_;
};

// What the loader takes for the policy.
std::string policy_in(const std::string& notes, uint64_t p_align) {
  const ldseal::ByteView bytes(reinterpret_cast<const unsigned char*>(notes.data()), notes.size());
  return std::string(ldseal::note_words(bytes, ldseal::note_alignment(p_align)));
}

uint64_t offset_of(const ElfSummary& summary, uint64_t address) {
  uint64_t offset = 0;
  for (const ElfLoad& load : summary.loads) {
    if (load.address <= address) offset = load.offset + (address - load.address);
  }
  return offset;
}

template <typename Phdr, typename Dyn>
void read_dynamic(const Reader& reader, const Phdr& header, ElfSummary& summary) {
  summary.is_dynamic = true;
  uint64_t strings = 0, soname = 0;
  const size_t count = std::min<size_t>(header.p_filesz / sizeof(Dyn), kMostDynamic);
  const std::string entries = reader.bytes(header.p_offset, count * sizeof(Dyn));
  for (size_t at = 0; at + sizeof(Dyn) <= entries.size(); at += sizeof(Dyn)) {
    Dyn entry;
    std::memcpy(&entry, entries.data() + at, sizeof entry);
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_STRTAB) strings = entry.d_un.d_ptr;
    if (entry.d_tag == DT_SONAME) soname = entry.d_un.d_val;
    const bool flag = entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_TEXTREL) != 0;
    if (flag || entry.d_tag == DT_TEXTREL) summary.has_text_relocations = true;
  }
  if (strings != 0 && soname != 0)
    summary.soname = reader.string(offset_of(summary, strings) + soname);
}

template <typename Phdr, typename Dyn>
void read_header(const Reader& reader, const Phdr& header, ElfSummary& summary) {
  switch (header.p_type) {
    case PT_INTERP:
      summary.interpreter = reader.string(header.p_offset);
      break;
    case PT_GNU_RELRO:
      summary.relro_address = header.p_vaddr;
      summary.relro_size = header.p_memsz;
      break;
    case PT_GNU_STACK:
      summary.has_stack_header = true;
      summary.asks_for_executable_stack = (header.p_flags & PF_X) != 0;
      break;
    case PT_NOTE:
      if (summary.policy.empty())
        summary.policy = policy_in(
            reader.bytes(header.p_offset, std::min<uint64_t>(header.p_filesz, kMostNotes)),
            header.p_align);
      break;
    case PT_DYNAMIC:
      read_dynamic<Phdr, Dyn>(reader, header, summary);
      break;
    default:
      break;
  }
}

template <typename Ehdr, typename Phdr, typename Dyn>
bool read_headers(const Reader& reader, ElfSummary& summary) {
  Ehdr file;
  if (!reader.read(0, file)) return false;
  summary.machine = file.e_machine;
  summary.type = file.e_type;
  std::vector<Phdr> headers;
  const size_t count = std::min<size_t>(file.e_phnum, kMostHeaders);
  for (size_t i = 0; i < count; ++i) {
    Phdr header;
    if (!reader.read(file.e_phoff + i * sizeof header, header)) break;
    headers.push_back(header);
    if (header.p_type != PT_LOAD) continue;
    summary.loads.push_back({header.p_offset, header.p_vaddr, header.p_memsz,
                             (header.p_flags & PF_W) != 0, (header.p_flags & PF_X) != 0});
  }
  for (const Phdr& header : headers) read_header<Phdr, Dyn>(reader, header, summary);
  return true;
}

}  // namespace

std::optional<ElfSummary> summarize_elf(const Descriptor& file) {
  const Reader reader(file);
  unsigned char ident[EI_NIDENT];
  if (!file || !reader.read(0, ident) || std::memcmp(ident, ELFMAG, SELFMAG) != 0)
    return std::nullopt;
  static_assert(std::endian::native == std::endian::little);
  if (ident[EI_DATA] != ELFDATA2LSB) return std::nullopt;
  ElfSummary summary;
  summary.is_64_bit = ident[EI_CLASS] == ELFCLASS64;
  const bool is_read = summary.is_64_bit
                           ? read_headers<Elf64_Ehdr, Elf64_Phdr, Elf64_Dyn>(reader, summary)
                           : read_headers<Elf32_Ehdr, Elf32_Phdr, Elf32_Dyn>(reader, summary);
  if (!is_read) return std::nullopt;
  return summary;
}

}  // namespace sealctl
