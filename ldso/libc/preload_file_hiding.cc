// See preload_file_hiding.h. The name is in rtld's constants. Its page is written to and is
// read-only again before rtld runs; it is never executable afterwards, so code must not be on it.
// Where constants share a segment with code (aarch64), rtld's section headers show the constants.
#include "ldso/libc/preload_file_hiding.h"

#include <linux/mman.h>

#include "ldso/base/trace.h"
#include "ldso/image/elf_file.h"
#include "ldso/mem/mapping.h"

namespace ldseal {
namespace {

constexpr char kPreloadFile[] = "/etc/ld.so.preload";

struct FoundName {
  char* text = nullptr;
  const Phdr* load = nullptr;
  size_t count = 0;
};

// The closing NUL is a part of it.
void find_in(const Phdr& load, LoadBias bias, FoundName& found) {
  char* text = (Vaddr(load.p_vaddr) + bias).as<char>();
  char* end = text + load.p_filesz;
  for (; text + sizeof kPreloadFile <= end; ++text) {
    size_t left = static_cast<size_t>(end - text) - sizeof kPreloadFile + 1;
    text = static_cast<char*>(__builtin_memchr(text, '/', left));
    if (text == nullptr) return;
    if (__builtin_memcmp(text, kPreloadFile, sizeof kPreloadFile) != 0) continue;
    found = {text, &load, found.count + 1};
  }
}

// True where the section headers cover `pages` and none of those sections is code.
bool is_free_of_code(std::span<const Shdr> sections, Vaddr start, Vaddr end) {
  bool is_covered = false;
  for (const Shdr& s : sections) {
    bool is_outside = s.sh_addr >= end.value || s.sh_addr + s.sh_size <= start.value;
    if (is_outside || (s.sh_flags & SHF_ALLOC) == 0) continue;
    if ((s.sh_flags & SHF_EXECINSTR) != 0) return false;
    is_covered = true;
  }
  return is_covered;
}

std::span<const Shdr> read_sections(const Module& rtld, PageSize page, Arena& scratch) {
  Result<ElfFile> file = ElfFile::open(rtld.file_path, page, scratch);
  if (!file || file->identity() != rtld.identity) return {};
  const Ehdr& header = file->header();
  if (header.e_shnum == 0 || header.e_shentsize != sizeof(Shdr)) return {};
  auto* sections = scratch.make_array<Shdr>(header.e_shnum);
  size_t size = header.e_shnum * sizeof(Shdr);
  kernel::Answer got = kernel::read_at(file->file(), sections, size, FileOffset(header.e_shoff));
  if (got.failed() || static_cast<size_t>(got.value) != size) return {};
  return {sections, header.e_shnum};
}

// The page of the name may lose the right to be executed.
bool is_data(const FoundName& name, const Module& rtld, AddressRange pages, PageSize page,
             Arena& scratch) {
  if ((name.load->p_flags & PF_X) == 0) return true;
  return is_free_of_code(read_sections(rtld, page, scratch), pages.start - rtld.bias,
                         pages.end - rtld.bias);
}

bool erase(const FoundName& name, const Module& rtld, PageSize page, Arena& scratch) {
  if (name.count != 1) return false;
  Address start = page.down(Address(name.text));
  AddressRange pages{start, start + ByteCount(page.value)};
  if (!is_data(name, rtld, pages, page, scratch)) return false;
  if (!change_protection(pages, PROT_READ | PROT_WRITE)) return false;
  *name.text = '\0';
  return static_cast<bool>(change_protection(pages, PROT_READ));
}

}  // namespace

void hide_preload_file(const Module& rtld, PageSize page, Arena& scratch) {
  FoundName found;
  for (const Phdr& ph : rtld.segments.headers) {
    if (ph.p_type == PT_LOAD && (ph.p_flags & PF_W) == 0) find_in(ph, rtld.bias, found);
  }
  if (erase(found, rtld, page, scratch)) return;
  trace::log(Topic::kFiles, {Event::kPreloadFileShown, {rtld.display_name()}});
}

}  // namespace ldseal
