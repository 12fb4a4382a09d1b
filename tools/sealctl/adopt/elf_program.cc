// See elf_program.h. Every number of the file is checked before it is used.
#include "tools/sealctl/adopt/elf_program.h"

#include <array>
#include <climits>
#include <optional>
#include <unistd.h>
#include <vector>

#include "tools/sealctl/adopt/refused.h"

namespace sealctl {
namespace {

constexpr size_t kMostHeaders = 4096;         // program headers; a program has about 13
constexpr size_t kMostDynamicEntries = 4096;  // DT entries; a program has about 30
constexpr size_t kLongestLine = 256;          // of a script's first line

// Up to `size` bytes at `offset`; fewer at the end of the file.
std::string read_some(int file, uint64_t offset, size_t size) {
  std::string bytes(size, '\0');
  const ssize_t got = offset > LLONG_MAX ? 0 : pread(file, bytes.data(), size, off_t(offset));
  if (got < 0) throw refused_by_kernel("cannot read");
  bytes.resize(static_cast<size_t>(got));
  return bytes;
}

std::string read_all(int file, uint64_t offset, size_t size, std::string_view what) {
  std::string bytes = read_some(file, offset, size);
  if (bytes.size() != size)
    throw Refused(
        fmt::format("is a damaged ELF file: {} of {:#x} bytes at {:#x} ends behind the file", what,
                    size, offset));
  return bytes;
}

template <typename T>
std::vector<T> read_table(int file, uint64_t offset, size_t count, std::string_view what) {
  std::vector<T> table(count);
  const std::string bytes = read_all(file, offset, count * sizeof(T), what);
  std::memcpy(static_cast<void*>(table.data()), bytes.data(), bytes.size());
  return table;
}

[[noreturn]] void refuse_other_file(int file) {
  const std::string start = read_some(file, 0, kLongestLine);
  if (!start.starts_with("#!")) throw Refused("is not an ELF file");
  std::string line = start.substr(2, start.find('\n') - 2);
  line.erase(0, line.find_first_not_of(' '));
  throw Refused(fmt::format("is a script: adopt what runs it, {}", line));
}

Elf64_Ehdr read_header(int file) {
  const std::string start = read_some(file, 0, sizeof(Elf64_Ehdr));
  if (!start.starts_with(ELFMAG)) refuse_other_file(file);
  if (start.size() < sizeof(Elf64_Ehdr))
    throw Refused("is a damaged ELF file: its header is cut off");
  if (start[EI_CLASS] != ELFCLASS64 || start[EI_DATA] != ELFDATA2LSB)
    throw Refused(
        fmt::format("is for another machine: e_ident has class {} and data {} instead of "
                    "{} and {}",
                    int{start[EI_CLASS]}, int{start[EI_DATA]}, ELFCLASS64, ELFDATA2LSB));
  Elf64_Ehdr header{};
  std::memcpy(&header, start.data(), sizeof header);
  return header;
}

std::vector<Elf64_Phdr> read_program_headers(int file, const Elf64_Ehdr& header) {
  if (header.e_phnum == 0) return {};
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > kMostHeaders)
    throw Refused(
        fmt::format("is a damaged ELF file: e_phentsize {} instead of {}, or e_phnum {} "
                    "above {}",
                    header.e_phentsize, sizeof(Elf64_Phdr), header.e_phnum, kMostHeaders));
  return read_table<Elf64_Phdr>(file, header.e_phoff, header.e_phnum, "program headers");
}

const Elf64_Phdr* first_of(const std::vector<Elf64_Phdr>& headers, unsigned type) {
  for (const Elf64_Phdr& header : headers)
    if (header.p_type == type) return &header;
  return nullptr;
}

// Where the byte of this address is in the file, or nothing.
std::optional<uint64_t> file_offset(const std::vector<Elf64_Phdr>& headers, uint64_t address) {
  for (const Elf64_Phdr& header : headers)
    if (header.p_type == PT_LOAD && address >= header.p_vaddr &&
        address - header.p_vaddr < header.p_filesz)
      return header.p_offset + (address - header.p_vaddr);
  return {};
}

// DT_SONAME; empty where there is none or it cannot be read, as in files without dynamic section.
std::string read_soname(int file, const std::vector<Elf64_Phdr>& headers) {
  const Elf64_Phdr* dynamic = first_of(headers, PT_DYNAMIC);
  if (dynamic == nullptr) return {};
  const size_t count = dynamic->p_filesz / sizeof(Elf64_Dyn);
  if (count > kMostDynamicEntries) return {};
  std::optional<uint64_t> name;
  std::optional<uint64_t> strings;
  for (const auto& entry : read_table<Elf64_Dyn>(file, dynamic->p_offset, count, "PT_DYNAMIC")) {
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_SONAME) name = entry.d_un.d_val;
    if (entry.d_tag == DT_STRTAB) strings = file_offset(headers, entry.d_un.d_ptr);
  }
  if (!name || !strings) return {};
  return read_some(file, *strings + *name, kLongestLine).c_str();
}

void read_interp(int file, const std::vector<Elf64_Phdr>& headers, ElfProgram& elf) {
  const Elf64_Phdr* interp = first_of(headers, PT_INTERP);
  if (interp == nullptr) return;
  if (interp->p_filesz < 2 || interp->p_filesz > PATH_MAX)  // as the kernel has it
    throw Refused(fmt::format("is a damaged ELF file: PT_INTERP has {} bytes", interp->p_filesz));
  elf.interp_offset = interp->p_offset;
  elf.interp_size = interp->p_filesz;
  elf.interp = read_all(file, interp->p_offset, interp->p_filesz, "PT_INTERP");
  if (elf.interp.back() != '\0') throw Refused("is a damaged ELF file: PT_INTERP ends without NUL");
  elf.interp.erase(elf.interp.find_last_not_of('\0') + 1);
}

}  // namespace

ElfProgram read_elf(int file) {
  const Elf64_Ehdr header = read_header(file);
  ElfProgram elf;
  elf.machine = machine_of(header.e_machine);
  if (elf.machine == nullptr)
    throw Refused(fmt::format("is for another machine: e_machine is {} instead of {} or {}",
                              header.e_machine, EM_X86_64, EM_AARCH64));
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
    throw Refused(fmt::format("is not a program: e_type is {}", header.e_type));
  const std::vector<Elf64_Phdr> headers = read_program_headers(file, header);
  read_interp(file, headers, elf);
  elf.soname = read_soname(file, headers);
  return elf;
}

void check_program(const ElfProgram& elf) {
  if (elf.soname.starts_with("ld-")) throw Refused(fmt::format("is a loader: {}", elf.soname));
  if (elf.soname.starts_with("libc.so") || elf.soname.starts_with("libc.musl-"))
    throw Refused(fmt::format("is libc itself: {}; ld-seal starts programs, not libc", elf.soname));
  if (elf.interp_size == 0)
    throw Refused("is not dynamic: it has no PT_INTERP, so no loader starts it");
  if (elf.interp == elf.machine->seal_name) return;
  if (elf.interp != elf.machine->libc_name)
    throw Refused(fmt::format("is for another loader: PT_INTERP is {} instead of {}", elf.interp,
                              elf.machine->libc_name));
}

std::string interp_bytes(std::string_view name, uint64_t size) {
  if (name.size() >= size)
    throw Refused(fmt::format("PT_INTERP has {} bytes, and {} needs {}: sealctl did not adopt it",
                              size, name, name.size() + 1));
  std::string bytes(name);
  bytes.resize(size, '\0');
  return bytes;
}

}  // namespace sealctl
