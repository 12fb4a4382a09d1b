// The description from which the writer makes a shared object, and the object's bytes. A test
// changes one field of the bytes and checks what a reader answers.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "ldso/elf/types.h"

namespace ldseal::testing_tools {

constexpr uint64_t kPage = 4096;

struct SymbolSpec {
  std::string name;
  std::string version = "";  // of a definition; of a reference: that of `library`
  bool hidden = false;       // not the default version of the name
  std::string library = "";  // not empty: an undefined symbol, its version needed of this library
  bool defined = true;
  unsigned char binding = STB_GLOBAL;
  unsigned char type = STT_FUNC;
  unsigned char visibility = STV_DEFAULT;
  std::optional<uint64_t>
      value;  // none: where the code is; an undefined symbol with a value is a canonical PLT entry
  uint64_t size = 8;
  std::optional<uint16_t> section;  // st_shndx
};

struct RelocationSpec {
  uint64_t word = 0;  // of the data words: the place
  uint32_t type = 0;
  std::string symbol = "";  // empty: none
  int64_t addend = 0;
};

struct ObjectSpec {
  uint16_t machine = EM_X86_64;
  uint16_t type = ET_DYN;
  std::string soname, interpreter;
  std::optional<std::string> rpath, runpath;  // an empty one is there
  std::vector<std::string> needed;
  std::vector<SymbolSpec> symbols;
  std::vector<RelocationSpec> rela, plt;
  std::vector<uint64_t>
      relr;  // numbers of data words; a value with bit 63 set is put in as it is, without that bit
  uint64_t relative_count = 0;
  std::vector<uint64_t> init_array, fini_array;
  std::vector<unsigned char> code = {0xf4};
  std::vector<unsigned char> tls_image;
  uint64_t tls_size = 0;  // 0: no PT_TLS
  uint64_t tls_alignment = 8;
  bool gnu_hash = true, sysv_hash = true;
  uint32_t buckets = 3;
  uint64_t data_words = 16;
  uint64_t zeroed_bytes = 64;  // memory behind the file's part of the last segment
  uint64_t data_distance =
      0;               // p_vaddr - p_offset of the writable segment, a multiple of the page size
  bool entry = false;  // e_entry is the code
  std::vector<Dyn> more_dynamic;  // entries put in as they are
};

// Addresses of the parts. In the first segment they are file offsets too.
struct Places {
  uint64_t headers = 0, symbols = 0, strings = 0, gnu_hash = 0, sysv_hash = 0, version_symbols = 0;
  uint64_t version_definitions = 0, version_needs = 0, rela = 0, plt = 0, relr = 0, interpreter = 0;
  uint64_t code = 0, text_end = 0;
  uint64_t data_start = 0, dynamic = 0, init_array = 0, fini_array = 0, words = 0, tls = 0;
  uint64_t file_end = 0, memory_end = 0;  // of the writable segment, as addresses
  uint64_t strings_size = 0, dynamic_count = 0;
};

class ElfImage {
 public:
  std::vector<unsigned char> bytes;  // the file
  Places places;
  std::vector<std::string> symbol_names;  // "name" or "name@version", by index
  uint64_t data_distance = 0;

  template <class T>
  T& at(uint64_t address) {
    uint64_t offset = address >= places.data_start ? address - data_distance : address;
    if (offset + sizeof(T) > bytes.size()) throw std::out_of_range("address outside the image");
    return *reinterpret_cast<T*>(bytes.data() + offset);
  }

  Ehdr& header() { return at<Ehdr>(0); }
  Phdr& segment(uint32_t type, unsigned which = 0) {
    for (unsigned i = 0; i < header().e_phnum; ++i) {
      Phdr& ph = at<Phdr>(places.headers + i * sizeof(Phdr));
      if (ph.p_type == type && which-- == 0) return ph;
    }
    throw std::out_of_range("no such segment");
  }
  Phdr& text() { return segment(PT_LOAD, 0); }
  Phdr& data() { return segment(PT_LOAD, 1); }

  Dyn& dynamic(int64_t tag) {
    for (uint64_t i = 0; i < places.dynamic_count; ++i) {
      Dyn& entry = at<Dyn>(places.dynamic + i * sizeof(Dyn));
      if (entry.d_tag == tag) return entry;
    }
    throw std::out_of_range("no such dynamic entry");
  }
  uint64_t& dynamic_value(int64_t tag) {
    static_assert(sizeof(Dyn::d_un) == sizeof(uint64_t));
    return reinterpret_cast<uint64_t&>(dynamic(tag).d_un);
  }
  // The readers skip DT_DEBUG, so an entry that it replaces is absent.
  void remove_dynamic(int64_t tag) { dynamic(tag).d_tag = DT_DEBUG; }

  uint32_t symbol_index(const std::string& name) const {
    for (uint32_t i = 1; i < symbol_names.size(); ++i) {
      if (symbol_names[i] == name) return i;
    }
    throw std::out_of_range("no such symbol: " + name);
  }
  Sym& symbol(const std::string& name) {
    return at<Sym>(places.symbols + symbol_index(name) * sizeof(Sym));
  }
  uint32_t& gnu_hash_word(uint64_t i) { return at<uint32_t>(places.gnu_hash + i * 4); }
  uint32_t& sysv_hash_word(uint64_t i) { return at<uint32_t>(places.sysv_hash + i * 4); }
  // Where the buckets of DT_GNU_HASH begin, in its words.
  uint64_t gnu_bucket(uint64_t i) { return 4 + gnu_hash_word(2) * 2 + i; }
  uint64_t gnu_chain(uint64_t i) { return gnu_bucket(gnu_hash_word(0)) + i; }
  uint16_t& version_symbol(uint32_t index) {
    return at<uint16_t>(places.version_symbols + index * 2);
  }
  Elf64_Verdef& version_definition(uint64_t i) {
    return at<Elf64_Verdef>(places.version_definitions + i * (sizeof(Elf64_Verdef) + 8) + 0);
  }
  Elf64_Verneed& version_need() { return at<Elf64_Verneed>(places.version_needs); }
  Elf64_Vernaux& version_need_row() {
    return at<Elf64_Vernaux>(places.version_needs + sizeof(Elf64_Verneed));
  }
  Rela& rela(uint64_t i) { return at<Rela>(places.rela + i * sizeof(Rela)); }
  Rela& plt(uint64_t i) { return at<Rela>(places.plt + i * sizeof(Rela)); }
  uint64_t& relr(uint64_t i) { return at<uint64_t>(places.relr + i * 8); }
  uint64_t word_address(uint64_t i) const { return places.words + i * 8; }

  // The object as it stands in memory from its first page on, zeroes and all.
  std::vector<unsigned char> in_memory() {
    uint64_t end = (places.memory_end + kPage - 1) / kPage * kPage;
    std::vector<unsigned char> memory(end);
    std::memcpy(memory.data(), bytes.data(), places.text_end);
    std::memcpy(memory.data() + places.data_start, bytes.data() + places.data_start - data_distance,
                places.file_end - places.data_start);
    return memory;
  }
};

}  // namespace ldseal::testing_tools
