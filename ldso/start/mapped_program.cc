// See mapped_program.h.
#include "ldso/start/mapped_program.h"

#include <asm/errno.h>

#include "ldso/image/map_file.h"
#include "ldso/image/relro.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

bool can_be_read(Address at) { return kernel::probe_read(at).error_number() != EFAULT; }

bool can_be_read(AddressRange range, PageSize page) {
  for (Address at = page.down(range.start); at < range.end; at = at + ByteCount(page.value)) {
    if (!can_be_read(at)) return false;
  }
  return true;
}

// The program as the kernel has mapped it. Its headers are not checked yet.
struct MappedProgram {
  ProgramHeaders headers;
  Address entry;
  const char* path;
  PageSize page;

  Address table() const { return Address(headers.data()); }
  ByteCount table_size() const { return ByteCount(headers.size_bytes()); }

  // The ELF header, if it lies directly in front of the program headers, as linkers place it; else
  // null. It must be on the same page, because that page is known to be readable.
  const Ehdr* header() const {
    Address at = table() - ByteCount(sizeof(Ehdr));
    if (page.down(at) != page.down(table())) return nullptr;
    const auto* header = at.as<const Ehdr>();
    bool is_header = __builtin_memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
                     header->e_phoff == sizeof(Ehdr) && header->e_phnum == headers.size();
    return is_header ? header : nullptr;
  }

  const Phdr* own_headers() const {
    for (const Phdr& ph : headers) {
      if (ph.p_type == PT_PHDR) return &ph;
    }
    return nullptr;
  }

  // The load bias: AT_ENTRY minus e_entry, or without an ELF header AT_PHDR minus the p_vaddr of
  // PT_PHDR.
  LoadBias bias() const {
    if (const Ehdr* known = header()) return bias_between(entry, Vaddr(known->e_entry));
    const Phdr* own = own_headers();
    return own == nullptr ? LoadBias(0) : bias_between(table(), Vaddr(own->p_vaddr));
  }

  Error wrong(Fault f) const {
    Error e = fault(f);
    e.object = path;
    return e;
  }
};

// Is the table where PT_PHDR says, in memory as in the file, and is AT_ENTRY code? Without the ELF
// header no other check finds a wrong load bias.
bool agrees(const MappedProgram& program, const Phdr& load, LoadBias bias) {
  if (program.header() != nullptr) return true;
  Vaddr table = program.table() - bias, entry = program.entry - bias;
  const Phdr* own = program.own_headers();
  bool is_there = own == nullptr || own->p_offset - load.p_offset == table.value - load.p_vaddr;
  return is_there && find_load(program.headers, entry, ByteCount(1), PF_X) != nullptr;
}

// With a wrong load bias, everything that is read next would be at a wrong address.
Status check_bias(const MappedProgram& program, LoadBias bias) {
  Vaddr table = program.table() - bias;
  const Phdr* own = program.own_headers();
  bool is_right_page = program.page.down(bias.value) == bias.value;
  const Phdr* load = find_load(program.headers, table, program.table_size(), PF_R);
  if (own != nullptr && (own->p_vaddr != table.value || !is_right_page)) {
    Error e = program.wrong(Fault::kProgramHeadersElsewhere);
    e.field = "PT_PHDR p_vaddr";
    e.found = own->p_vaddr;
    e.wanted = table.value;
    return e;
  }
  bool is_right = is_right_page && load != nullptr && agrees(program, *load, bias);
  return is_right ? Status() : program.wrong(Fault::kProgramHeadersNotMapped);
}

// The kernel maps what the headers ask for, though the file may be shorter; reading behind its end
// is SIGBUS. If the page that is farthest in the file can be read, all can. A page on which zeroes
// follow need not be probed: the kernel has written the zeroes, or it would not have started the
// program.
Status check_file_end(const MappedProgram& program, LoadBias bias) {
  const Phdr* last = nullptr;
  const Phdr* ph = nullptr;
  while ((ph = next_load(program.headers, ph)) != nullptr) {
    bool is_read = ph->p_filesz != 0 && (ph->p_flags & (PF_R | PF_W)) != 0;
    if (!is_read) continue;
    bool is_farther =
        last == nullptr || ph->p_offset + ph->p_filesz > last->p_offset + last->p_filesz;
    if (is_farther) last = ph;
  }
  if (last == nullptr) return {};
  uint64_t end = last->p_vaddr + last->p_filesz;
  bool has_zeroes = (last->p_flags & PF_W) != 0 && last->p_memsz > last->p_filesz &&
                    program.page.down(end) != end;
  Address last_page = program.page.down(Vaddr(end - 1) + bias);
  if (has_zeroes || can_be_read(last_page)) return {};
  Error e = program.wrong(Fault::kSegmentTruncated);
  e.field = "PT_LOAD p_offset + p_filesz";
  e.found = last->p_offset + last->p_filesz;
  return e;
}

// Checks that every page of RELRO belongs to a readable segment: RELRO is copied and protected as a
// whole, and the kernel maps nothing between segments.
Status check_relro(const Module& program, PageSize page) {
  AddressRange left = relro_pages(program.segments, program.bias, page);
  const Phdr* ph = nullptr;
  while ((ph = next_load(program.segments.headers, ph)) != nullptr && !left.empty()) {
    AddressRange load{page.down(Vaddr(ph->p_vaddr) + program.bias),
                      page.up(Vaddr(ph->p_vaddr + ph->p_memsz) + program.bias)};
    bool is_readable = (ph->p_flags & (PF_R | PF_W)) != 0;
    if (is_readable && load.contains(left.start)) left.start = load.end;
  }
  if (left.empty()) return {};
  Error e = fault(Fault::kBadRelroSegment);
  e.object = program.file_path;
  e.field = "PT_GNU_RELRO p_vaddr";
  e.found = program.segments.relro->p_vaddr;
  e.wanted = program.segments.relro->p_memsz;
  return e;
}

}  // namespace

Result<Module*> describe_mapped_program(Process& p, Arena& permanent) {
  const auto* headers = Address(p.stack.value(AT_PHDR)).as<const Phdr>();
  if (headers == nullptr || p.stack.value(AT_PHENT) != sizeof(Phdr)) return fault(Fault::kBadStack);
  auto* program = permanent.make<Module>();
  program->kind = ModuleKind::kProgram;
  program->is_running_executable = true;
  const char* name = p.stack.arguments[0];
  if (name == nullptr) name = Address(p.stack.value(AT_EXECFN)).as<const char>();
  program->file_path = name == nullptr ? "program" : name;
  program->entry = Address(p.stack.value(AT_ENTRY));
  MappedProgram mapped{
      {headers, p.stack.value(AT_PHNUM)}, program->entry, program->file_path, p.page};
  AddressRange table{mapped.table(), mapped.table() + mapped.table_size()};
  if (!can_be_read(table, p.page)) return mapped.wrong(Fault::kProgramHeadersNotMapped);
  LoadBias bias = mapped.bias();
  if (Status s = check_bias(mapped, bias); !s) return s.error();
  if (Status s = check_file_end(mapped, bias); !s) return s.error();
  if (Status s = describe_in_memory(*program, mapped.headers, bias, p.page, permanent); !s)
    return s.error();
  if (Status s = check_relro(*program, p.page); !s) return s.error();
  return program;
}

}  // namespace ldseal
