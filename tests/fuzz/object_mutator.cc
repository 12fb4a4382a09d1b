// Mutates objects where a loader looks: numbers in the headers and in the tables that the dynamic section names. Bytes
// anywhere, which is what libFuzzer changes by itself, are for the most part code.
#include <cstring>
#include <elf.h>
#include <optional>
#include <random>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(unsigned char* data, size_t size, size_t capacity);

namespace {

struct Area {
  size_t start, size, unit;  // `unit`: the size of most numbers in it
};

class Object {
 public:
  Object(unsigned char* data, size_t size) : data_(data), size_(size) { find_areas(); }

  void change(std::mt19937_64& random) {
    const Area& area = areas_[random() % areas_.size()];
    size_t width = random() % 4 == 0 ? size_t{1} << (random() % 4) : area.unit;
    if (area.size < width) return;
    size_t at = area.start + random() % (area.size / width) * width;
    uint64_t value = 0;
    std::memcpy(&value, data_ + at, width);
    value = changed(value, random);
    std::memcpy(data_ + at, &value, width);
  }

  // Moves the border between two neighbours, so that they come to share a page, and has one of them mapped otherwise.
  void change_segments(std::mt19937_64& random) {
    if (load_places_.size() < 2) return change(random);
    size_t which = random() % (load_places_.size() - 1);
    Elf64_Phdr low = loads_[which], high = loads_[which + 1];
    if (high.p_vaddr < low.p_vaddr || high.p_vaddr - low.p_vaddr != high.p_offset - low.p_offset)
      return change(random);
    uint64_t room = high.p_vaddr - low.p_vaddr + high.p_filesz;
    if (room == 0) return;
    uint64_t border = random() % room;
    uint64_t by = low.p_vaddr + border - high.p_vaddr;  // may be negative, and wraps then
    low.p_filesz = low.p_memsz = border;
    high.p_vaddr += by, high.p_offset += by;
    high.p_filesz -= by, high.p_memsz -= by;
    (random() % 2 == 0 ? low : high).p_flags = random() % 8;
    std::memcpy(data_ + load_places_[which], &low, sizeof low);
    std::memcpy(data_ + load_places_[which + 1], &high, sizeof high);
  }

 private:
  template <class T>
  std::optional<T> read(size_t at) const {
    if (at > size_ || sizeof(T) > size_ - at) return std::nullopt;
    T value;
    std::memcpy(&value, data_ + at, sizeof value);
    return value;
  }

  void add(uint64_t start, uint64_t size, size_t unit) {
    if (start < size_ && size > 0) areas_.push_back({start, std::min(size, size_ - start), unit});
  }

  void find_areas() {
    add(0, sizeof(Elf64_Ehdr), 8);
    add(0, size_, 1);
    auto header = read<Elf64_Ehdr>(0);
    if (!header) return;
    add(header->e_phoff, header->e_phnum * sizeof(Elf64_Phdr), 8);
    for (size_t i = 0; i < header->e_phnum && i < 32; ++i) {
      uint64_t place = header->e_phoff + i * sizeof(Elf64_Phdr);
      auto ph = read<Elf64_Phdr>(place);
      if (!ph) return;
      if (ph->p_type == PT_LOAD) loads_.push_back(*ph), load_places_.push_back(place);
      if (ph->p_type == PT_NOTE || ph->p_type == PT_TLS) add(ph->p_offset, ph->p_filesz, 4);
      if (ph->p_type != PT_DYNAMIC) continue;
      add(ph->p_offset, ph->p_filesz, 8);
      find_tables(ph->p_offset);
    }
  }

  // How long a table is matters less than where it begins.
  void find_tables(uint64_t dynamic) {
    for (size_t i = 0; i < 64; ++i) {
      auto entry = read<Elf64_Dyn>(dynamic + i * sizeof(Elf64_Dyn));
      if (!entry || entry->d_tag == DT_NULL) return;
      constexpr int64_t kRelr = 36;
      switch (entry->d_tag) {
        case DT_HASH:
        case DT_GNU_HASH:
          add_at(entry->d_un.d_ptr, 128, 4);
          break;
        case DT_SYMTAB:
          add_at(entry->d_un.d_ptr, 10 * sizeof(Elf64_Sym), 8);
          break;
        case DT_RELA:
        case DT_JMPREL:
        case kRelr:
          add_at(entry->d_un.d_ptr, 10 * sizeof(Elf64_Rela), 8);
          break;
        case DT_VERSYM:
        case DT_VERDEF:
        case DT_VERNEED:
          add_at(entry->d_un.d_ptr, 96, 2);
          break;
        case DT_STRTAB:
          add_at(entry->d_un.d_ptr, 96, 1);
          break;
        default:
          break;
      }
    }
  }

  void add_at(uint64_t address, uint64_t size, size_t unit) {
    for (const Elf64_Phdr& ph : loads_) {
      if (address >= ph.p_vaddr && address - ph.p_vaddr < ph.p_filesz)
        add(ph.p_offset + (address - ph.p_vaddr), size, unit);
    }
  }

  // Near what it was, at a boundary, or another address that the object has.
  uint64_t changed(uint64_t value, std::mt19937_64& random) const {
    switch (random() % 6) {
      case 0:
        return value + random() % 33 - 16;
      case 1:
        return value ^ (uint64_t{1} << (random() % 64));
      case 2:
        return random() % 16;
      case 3:
        return uint64_t{0} - random() % 32;
      case 4:
        return (uint64_t{1} << (random() % 64)) - random() % 2;
      default:
        return another_address(value, random);
    }
  }

  // At one of the segments' ends, or in a table.
  uint64_t another_address(uint64_t value, std::mt19937_64& random) const {
    if (loads_.empty()) return value + 4096;
    const Elf64_Phdr& ph = loads_[random() % loads_.size()];
    uint64_t near = random() % 48;
    if (random() % 2 == 0) {
      const Area& area = areas_[random() % areas_.size()];
      return area.start + random() % area.size / 8 * 8 - ph.p_offset + ph.p_vaddr;
    }
    return random() % 2 == 0 ? ph.p_vaddr + near : ph.p_vaddr + ph.p_memsz - near;
  }

  unsigned char* data_;
  size_t size_;
  std::vector<Area> areas_;
  std::vector<Elf64_Phdr> loads_;
  std::vector<size_t> load_places_;
};

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(unsigned char* data, size_t size, size_t capacity,
                                          unsigned seed) {
  std::mt19937_64 random(seed);
  if (size == 0 || random() % 4 == 0) return LLVMFuzzerMutate(data, size, capacity);
  Object object(data, size);
  if (random() % 8 == 0) object.change_segments(random);
  for (size_t changes = random() % 4; changes > 0; --changes) object.change(random);
  return size;
}
