// Address spaces around a vDSO as kernels lay them out, in pages from the vDSO's first one, and a
// kernel that answers for them: /proc/self/maps as text, PROCMAP_QUERY, madvise.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <vector>

#include "arch/native.h"
#include "ldso/elf/types.h"
#include "ldso/seal/system_mappings.h"
#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal::testing_tools {

enum class Special : bool { kNo, kYes };  // VM_SPECIAL in the kernel

struct Part {
  int64_t start;  // in pages; the vDSO begins at 0
  int64_t end;
  std::string protection;  // "r--p"
  std::string name;
  Special special = Special::kNo;
};

struct Layout {
  const char* name;
  uint64_t page = 4096;
  uint64_t image = 0;  // bytes of the vDSO's ELF image
  std::vector<Part> parts;

  // In ascending order, and without what they replace.
  Layout with(const Part& part) const {
    Layout changed = *this;
    std::erase_if(changed.parts, [&](const Part& p) { return p.start == part.start; });
    auto behind = changed.parts.begin();
    while (behind != changed.parts.end() && behind->start < part.start) ++behind;
    changed.parts.insert(behind, part);
    return changed;
  }
};

inline Part data(int64_t start, int64_t end, const char* name = "[vvar]") {
  return {start, end, "r--p", name, Special::kYes};
}
inline Part vdso(int64_t pages) { return {0, pages, "r-xp", "[vdso]", Special::kYes}; }

inline constexpr uint64_t kLargePage = 65536;

inline const Layout kLinux618{
    "x86_64_6_18", 4096, 0x1a20, {data(-6, -2), data(-2, 0, "[vvar_vclock]"), vdso(2)}};

inline const Layout kLayouts[] = {
    {"x86_64_5_4", 4096, 0x1280, {data(-3, 0), vdso(2)}},
    {"x86_64_5_10", 4096, 0x12c0, {data(-4, 0), vdso(2)}},
    {"x86_64_6_1", 4096, 0x1640, {data(-4, 0), vdso(2)}},
    {"x86_64_6_12", 4096, 0x1980, {data(-4, 0), vdso(2)}},
    kLinux618,
    {"x86_64_image_of_whole_pages", 4096, 0x2000, {data(-4, 0), vdso(2)}},
    {"aarch64_4K_5_4", 4096, 0xb40, {data(-1, 0), vdso(1)}},
    {"aarch64_4K_6_1", 4096, 0xc80, {data(-2, 0), vdso(1)}},
    {"aarch64_4K_7_2", 4096, 0x1210, {data(-4, 0), vdso(2)}},
    {"aarch64_64K_6_1", kLargePage, 0xc80, {data(-2, 0), vdso(1)}},
    {"aarch64_64K_7_2", kLargePage, 0x1210, {data(-4, 0), vdso(1)}},
    {"no_data", 4096, 0xa00, {vdso(1)}},
};

// How madvise answers.
enum class Advice { kHonest, kAlwaysGood, kAlwaysInvalid, kRefused };

class RecordedSpace : public AddressSpace {
 public:
  explicit RecordedSpace(const Layout& layout)
      : layout_(layout), memory_(std::aligned_alloc(layout.page, layout.page), std::free) {
    std::memset(memory_.get(), 0, layout_.page);
    header() = Ehdr();
    std::memcpy(header().e_ident, ELFMAG, SELFMAG);
    header().e_ident[EI_CLASS] = ELFCLASS64;
    header().e_ident[EI_DATA] = ELFDATA2LSB;
    header().e_ident[EI_VERSION] = EV_CURRENT;
    header().e_type = ET_DYN;
    header().e_machine = Native::kMachine;
    header().e_version = EV_CURRENT;
    header().e_phoff = sizeof(Ehdr);
    header().e_phentsize = sizeof(Phdr);
    header().e_phnum = 1;
    header().e_shoff = layout.image - 10 * sizeof(Shdr);
    header().e_shentsize = sizeof(Shdr);
    header().e_shnum = 10;
    segment() = {PT_LOAD, PF_R | PF_X, 0, 0, 0, layout.image / 2, layout.image / 2, layout.page};
  }

  Ehdr& header() { return *static_cast<Ehdr*>(memory_.get()); }
  Phdr& segment() { return *(vdso() + ByteCount(sizeof(Ehdr))).as<Phdr>(); }

  Address vdso() const { return Address(memory_.get()); }
  PageSize page() const { return PageSize{layout_.page}; }
  Address at(int64_t pages) const {
    return Address(vdso().value + static_cast<uint64_t>(pages) * layout_.page);
  }

  void set_advice(Advice advice) { advice_ = advice; }
  void forbid_queries() { answers_queries_ = false; }  // Linux before 6.11

  std::string maps() const {
    std::string text;
    for (const Part& part : layout_.parts) {
      char line[100];
      std::snprintf(line, sizeof(line), "%08lx-%08lx %s %08x %02x:%02x %u", at(part.start).value,
                    at(part.end).value, part.protection.c_str(), 0u, 0u, 0u, 0u);
      std::string columns(line);
      if (!part.name.empty()) columns.resize(std::max<size_t>(columns.size() + 1, 73), ' ');
      text += columns + (part.name.empty() ? " " : part.name) + "\n";
    }
    return text;
  }

  long advise(AddressRange range, int advice) override {
    if (advice != MADV_DODUMP || range.length().value != layout_.page) return -ENOSYS;
    if (advice_ == Advice::kAlwaysGood) return 0;
    if (advice_ == Advice::kAlwaysInvalid) return -EINVAL;
    if (advice_ == Advice::kRefused) return -EPERM;
    if (page().down(range.start) != range.start) return -EINVAL;
    const Part* part = find(range.start);
    if (part == nullptr) return -ENOMEM;
    return part->special == Special::kYes ? -EINVAL : 0;
  }

  long mapping_at(Address address, kernel::MappingStatus& status) override {
    if (!answers_queries_) return -ENOTTY;
    const Part* part = find(address);
    if (part == nullptr) return -ENOENT;
    if (part->name.size() >= kernel::MappingStatus::kNameCapacity) return -ENAMETOOLONG;
    status.range = {at(part->start), at(part->end)};
    status.protection = protection_of(*part);
    std::strcpy(status.name, part->name.c_str());
    return 0;
  }

 private:
  static int protection_of(const Part& part) {
    return (part.protection[0] == 'r' ? PROT_READ : 0) |
           (part.protection[1] == 'w' ? PROT_WRITE : 0) |
           (part.protection[2] == 'x' ? PROT_EXEC : 0);
  }
  const Part* find(Address address) const {
    for (const Part& part : layout_.parts) {
      if (AddressRange{at(part.start), at(part.end)}.contains(address)) return &part;
    }
    return nullptr;
  }

  Layout layout_;
  std::unique_ptr<void, decltype(&std::free)> memory_;
  Advice advice_ = Advice::kHonest;
  bool answers_queries_ = true;
};

}  // namespace ldseal::testing_tools
