// Writes the smallest right shared object for an ObjectSpec: two segments, a dynamic section,
// symbols with both hashes, versions and relocations where the spec asks for them. Shares nothing
// with the readers but <elf.h>.
#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include "tests/lib_cc/elf_image.h"

namespace ldseal::testing_tools {

class ElfWriter {
 public:
  explicit ElfWriter(const ObjectSpec& spec) : spec_(spec) {}

  ElfImage write() {
    order_symbols();
    number_versions();
    gather_strings();
    place_text();
    place_data();
    write_header();
    write_segments();
    write_symbols();
    write_gnu_hash();
    write_sysv_hash();
    write_versions();
    write_relocations();
    write_dynamic();
    copy_in(p().code, spec_.code);
    copy_in(file_offset(p().tls), spec_.tls_image);
    return std::move(image_);
  }

  // The two hashes, as the specifications have them.
  static uint32_t hash_gnu(const std::string& name) {
    uint32_t h = 5381;
    for (unsigned char c : name) h = (h << 5) + h + c;
    return h;
  }
  static uint32_t hash_sysv(const std::string& name) {
    uint32_t h = 0;
    for (unsigned char c : name) {
      h = (h << 4) + c;
      uint32_t high = h & 0xf0000000;
      if (high != 0) h ^= high >> 24;
      h &= ~high;
    }
    return h;
  }

 private:
  Places& p() { return image_.places; }
  static uint64_t round_to(uint64_t v, uint64_t unit) { return (v + unit - 1) / unit * unit; }
  uint64_t file_offset(uint64_t address) {
    return address >= p().data_start ? address - spec_.data_distance : address;
  }
  static bool in_hash(const SymbolSpec& s) { return s.defined || s.value.has_value(); }
  bool has_versions() const {
    return std::any_of(symbols_.begin(), symbols_.end(),
                       [](const SymbolSpec& s) { return !s.version.empty(); });
  }

  // DT_GNU_HASH wants what it does not hold first, and the rest by bucket.
  void order_symbols() {
    symbols_ = spec_.symbols;
    auto key = [this](const SymbolSpec& s) -> int64_t {
      return in_hash(s) ? int64_t{hash_gnu(s.name) % spec_.buckets} : -1;
    };
    std::stable_sort(symbols_.begin(), symbols_.end(),
                     [&](const SymbolSpec& a, const SymbolSpec& b) { return key(a) < key(b); });
    first_hashed_ = 1;
    image_.symbol_names = {""};
    for (const SymbolSpec& s : symbols_) {
      if (!in_hash(s)) ++first_hashed_;
      image_.symbol_names.push_back(s.version.empty() ? s.name : s.name + "@" + s.version);
    }
  }

  void number_versions() {
    uint16_t next = 2;
    for (const SymbolSpec& s : symbols_) {
      if (s.version.empty() || !s.library.empty() || definitions_.count(s.version) != 0) continue;
      definitions_[s.version] = next++;
      definition_order_.push_back(s.version);
    }
    for (const SymbolSpec& s : symbols_) {
      if (s.version.empty() || s.library.empty()) continue;
      auto key = std::make_pair(s.library, s.version);
      if (needs_.count(key) != 0) continue;
      needs_[key] = next++;
      need_order_[s.library].push_back(s.version);
    }
  }

  uint32_t add_string(const std::string& text) {
    auto known = string_at_.find(text);
    if (known != string_at_.end()) return known->second;
    auto at = static_cast<uint32_t>(strings_.size());
    string_at_[text] = at;
    strings_ += text;
    strings_ += '\0';
    return at;
  }

  void gather_strings() {
    strings_ = std::string(1, '\0');
    string_at_[""] = 0;
    for (const std::string& s : spec_.needed) add_string(s);
    for (const SymbolSpec& s : symbols_)
      add_string(s.name), add_string(s.library), add_string(s.version);
    for (const std::string& s :
         {spec_.soname, spec_.rpath.value_or(""), spec_.runpath.value_or("")}) {
      add_string(s);
    }
  }

  size_t segment_count() const {
    return 5 + (spec_.tls_size != 0 ? 1 : 0) + (spec_.interpreter.empty() ? 0 : 1);
  }

  void place_text() {
    uint64_t at = sizeof(Ehdr);
    auto take = [&at](uint64_t size) {
      uint64_t here = at;
      at = round_to(at + size, 8);
      return here;
    };
    uint64_t count = symbols_.size() + 1;
    p().headers = take(segment_count() * sizeof(Phdr));
    p().symbols = take(count * sizeof(Sym));
    p().version_symbols = take(count * 2);
    p().version_definitions = take(definition_bytes());
    p().version_needs = take(need_bytes());
    p().gnu_hash = take(16 + bloom_words() * 8 + spec_.buckets * 4 + (count - first_hashed_) * 4);
    p().sysv_hash = take((2 + spec_.buckets + count) * 4);
    p().rela = take(spec_.rela.size() * sizeof(Rela));
    p().plt = take(spec_.plt.size() * sizeof(Rela));
    p().relr = take(spec_.relr.size() * 8);
    p().interpreter = take(spec_.interpreter.size() + 1);
    p().code = take(spec_.code.size());
    p().strings_size = strings_.size();
    p().strings = take(strings_.size());
    p().text_end = at;
  }

  void place_data() {
    uint64_t at = round_to(p().text_end, kPage) + spec_.data_distance;
    auto take = [&at](uint64_t size) {
      uint64_t here = at;
      at = round_to(at + size, 8);
      return here;
    };
    p().data_start = at;
    gather_dynamic();
    p().dynamic_count = dynamic_.size();
    p().dynamic = take(dynamic_.size() * sizeof(Dyn));
    p().init_array = take(spec_.init_array.size() * 8);
    p().fini_array = take(spec_.fini_array.size() * 8);
    p().words = take(spec_.data_words * 8);
    at = round_to(at, std::max<uint64_t>(8, spec_.tls_alignment));
    p().tls = take(spec_.tls_image.size());
    p().file_end = at;
    p().memory_end = at + std::max(spec_.zeroed_bytes, spec_.tls_size);
    image_.data_distance = spec_.data_distance;
    image_.bytes.resize(at - spec_.data_distance);
    gather_dynamic();  // now that every address is known
  }

  void write_header() {
    Ehdr& h = image_.header();
    std::memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    h.e_ident[EI_DATA] = ELFDATA2LSB;
    h.e_ident[EI_VERSION] = EV_CURRENT;
    h.e_type = spec_.type;
    h.e_machine = spec_.machine;
    h.e_version = EV_CURRENT;
    h.e_entry = spec_.entry ? p().code : 0;
    h.e_phoff = p().headers;
    h.e_ehsize = sizeof(Ehdr);
    h.e_phentsize = sizeof(Phdr);
    h.e_phnum = static_cast<uint16_t>(segment_count());
  }

  void write_segments() {
    uint64_t next = p().headers;
    auto add = [&](uint32_t type, uint32_t flags, uint64_t start, uint64_t file, uint64_t memory,
                   uint64_t alignment) {
      image_.at<Phdr>(next) = {type, flags,  file_offset(start), start, start,
                               file, memory, alignment};
      next += sizeof(Phdr);
    };
    if (!spec_.interpreter.empty()) {
      uint64_t size = spec_.interpreter.size() + 1;
      add(PT_INTERP, PF_R, p().interpreter, size, size, 1);
      copy_in(p().interpreter, spec_.interpreter);
    }
    add(PT_LOAD, PF_R | PF_X, 0, p().text_end, p().text_end, kPage);
    add(PT_LOAD, PF_R | PF_W, p().data_start, p().file_end - p().data_start,
        p().memory_end - p().data_start, kPage);
    add(PT_DYNAMIC, PF_R | PF_W, p().dynamic, dynamic_.size() * sizeof(Dyn),
        dynamic_.size() * sizeof(Dyn), 8);
    add(PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 16);
    add(PT_GNU_RELRO, PF_R, p().data_start, dynamic_.size() * sizeof(Dyn),
        dynamic_.size() * sizeof(Dyn), 1);
    if (spec_.tls_size != 0) {
      add(PT_TLS, PF_R, p().tls, spec_.tls_image.size(), spec_.tls_size, spec_.tls_alignment);
    }
  }

  void write_symbols() {
    for (size_t i = 0; i < symbols_.size(); ++i) {
      const SymbolSpec& from = symbols_[i];
      Sym& to = image_.at<Sym>(p().symbols + (i + 1) * sizeof(Sym));
      to.st_name = add_string(from.name);
      to.st_info = static_cast<unsigned char>((from.binding << 4) | from.type);
      to.st_other = from.visibility;
      to.st_shndx = from.section.value_or(from.defined ? 1 : static_cast<uint16_t>(SHN_UNDEF));
      to.st_value = from.value.value_or(from.defined ? p().code : 0);
      to.st_size = from.size;
    }
    copy_in(p().strings, strings_);
  }

  uint64_t bloom_words() const {
    uint64_t words = 1;
    while (words * 16 < symbols_.size()) words *= 2;
    return words;
  }

  void write_gnu_hash() {
    constexpr uint32_t kShift = 6;
    uint64_t at = p().gnu_hash;
    uint64_t words = bloom_words();
    image_.gnu_hash_word(0) = spec_.buckets;
    image_.gnu_hash_word(1) = first_hashed_;
    image_.gnu_hash_word(2) = static_cast<uint32_t>(words);
    image_.gnu_hash_word(3) = kShift;
    for (size_t i = first_hashed_; i <= symbols_.size(); ++i) {
      uint32_t hash = hash_gnu(symbols_[i - 1].name);
      uint64_t& word = image_.at<uint64_t>(at + 16 + hash / 64 % words * 8);
      word |= uint64_t{1} << (hash % 64) | uint64_t{1} << ((hash >> kShift) % 64);
      uint32_t& bucket = image_.gnu_hash_word(image_.gnu_bucket(hash % spec_.buckets));
      if (bucket == 0) bucket = static_cast<uint32_t>(i);
      bool last = i == symbols_.size() ||
                  hash_gnu(symbols_[i].name) % spec_.buckets != hash % spec_.buckets;
      image_.gnu_hash_word(image_.gnu_chain(i - first_hashed_)) = (hash & ~1u) | (last ? 1 : 0);
    }
  }

  void write_sysv_hash() {
    auto count = static_cast<uint32_t>(symbols_.size() + 1);
    image_.sysv_hash_word(0) = spec_.buckets;
    image_.sysv_hash_word(1) = count;
    for (uint32_t i = count - 1; i > 0; --i) {
      uint32_t& bucket = image_.sysv_hash_word(2 + hash_sysv(symbols_[i - 1].name) % spec_.buckets);
      image_.sysv_hash_word(2 + spec_.buckets + i) = bucket;
      bucket = i;
    }
  }

  uint64_t definition_bytes() const {
    constexpr uint64_t kEach = sizeof(Elf64_Verdef) + sizeof(Elf64_Verdaux);
    return definitions_.empty() ? 0 : (definitions_.size() + 1) * kEach;
  }
  uint64_t need_bytes() const {
    return need_order_.size() * sizeof(Elf64_Verneed) + needs_.size() * sizeof(Elf64_Vernaux);
  }

  void write_versions() {
    for (uint32_t i = 1; i <= symbols_.size(); ++i) {
      const SymbolSpec& s = symbols_[i - 1];
      uint16_t index = 1;
      if (!s.version.empty()) {
        index = s.library.empty() ? definitions_[s.version] : needs_[{s.library, s.version}];
      }
      image_.version_symbol(i) = static_cast<uint16_t>(index | (s.hidden ? 0x8000 : 0));
    }
    if (!definitions_.empty()) write_definitions();
    write_needs();
  }

  void write_definitions() {
    constexpr uint32_t kEach = sizeof(Elf64_Verdef) + sizeof(Elf64_Verdaux);
    auto write = [this](uint64_t i, uint16_t flags, const std::string& name) {
      bool last = i == definition_order_.size();
      image_.version_definition(i) = {1,
                                      flags,
                                      static_cast<uint16_t>(i + 1),
                                      1,
                                      hash_sysv(name),
                                      sizeof(Elf64_Verdef),
                                      last ? 0 : kEach};
      image_.at<Elf64_Verdaux>(p().version_definitions + i * kEach + sizeof(Elf64_Verdef)) = {
          add_string(name), 0};
    };
    write(0, VER_FLG_BASE, spec_.soname);
    for (uint64_t i = 0; i < definition_order_.size(); ++i) write(i + 1, 0, definition_order_[i]);
  }

  void write_needs() {
    uint64_t at = p().version_needs;
    size_t left = need_order_.size();
    for (const auto& [library, versions] : need_order_) {
      auto size =
          static_cast<uint32_t>(sizeof(Elf64_Verneed) + versions.size() * sizeof(Elf64_Vernaux));
      image_.at<Elf64_Verneed>(at) = {1, static_cast<uint16_t>(versions.size()),
                                      add_string(library), sizeof(Elf64_Verneed),
                                      --left == 0 ? 0 : size};
      for (size_t i = 0; i < versions.size(); ++i) {
        image_.at<Elf64_Vernaux>(at + sizeof(Elf64_Verneed) + i * sizeof(Elf64_Vernaux)) = {
            hash_sysv(versions[i]), 0, needs_[{library, versions[i]}], add_string(versions[i]),
            i + 1 == versions.size() ? 0 : static_cast<uint32_t>(sizeof(Elf64_Vernaux))};
      }
      at += size;
    }
  }

  void write_relocations() {
    auto write = [this](const std::vector<RelocationSpec>& list, uint64_t at) {
      for (const RelocationSpec& r : list) {
        uint64_t symbol = r.symbol.empty() ? 0 : image_.symbol_index(r.symbol);
        image_.at<Rela>(at) = {image_.word_address(r.word), symbol << 32 | r.type, r.addend};
        at += sizeof(Rela);
      }
    };
    write(spec_.rela, p().rela);
    write(spec_.plt, p().plt);
    constexpr uint64_t kAsItIs = uint64_t{1} << 63;
    for (size_t i = 0; i < spec_.relr.size(); ++i) {
      uint64_t entry = spec_.relr[i];
      image_.relr(i) = (entry & kAsItIs) != 0 ? entry & ~kAsItIs : image_.word_address(entry);
    }
    for (size_t i = 0; i < spec_.init_array.size(); ++i) {
      image_.at<uint64_t>(p().init_array + i * 8) = spec_.init_array[i];
    }
    for (size_t i = 0; i < spec_.fini_array.size(); ++i) {
      image_.at<uint64_t>(p().fini_array + i * 8) = spec_.fini_array[i];
    }
  }

  void gather_dynamic() {
    dynamic_.clear();
    auto add = [this](int64_t tag, uint64_t value) { dynamic_.push_back({tag, {value}}); };
    auto add_table = [&](int64_t tag, uint64_t at, int64_t size_tag, uint64_t size) {
      if (size != 0) add(tag, at), add(size_tag, size);
    };
    if (!spec_.soname.empty()) add(DT_SONAME, add_string(spec_.soname));
    for (const std::string& name : spec_.needed) add(DT_NEEDED, add_string(name));
    if (spec_.rpath) add(DT_RPATH, add_string(*spec_.rpath));
    if (spec_.runpath) add(DT_RUNPATH, add_string(*spec_.runpath));
    add_table(DT_STRTAB, p().strings, DT_STRSZ, strings_.size());
    add(DT_SYMTAB, p().symbols), add(DT_SYMENT, sizeof(Sym));
    if (spec_.gnu_hash) add(DT_GNU_HASH, p().gnu_hash);
    if (spec_.sysv_hash) add(DT_HASH, p().sysv_hash);
    if (has_versions()) add(DT_VERSYM, p().version_symbols);
    if (!definitions_.empty()) {
      add(DT_VERDEF, p().version_definitions), add(DT_VERDEFNUM, definitions_.size() + 1);
    }
    if (!needs_.empty()) add(DT_VERNEED, p().version_needs), add(DT_VERNEEDNUM, need_order_.size());
    add_table(DT_RELA, p().rela, DT_RELASZ, spec_.rela.size() * sizeof(Rela));
    if (!spec_.rela.empty()) add(DT_RELAENT, sizeof(Rela)), add(DT_RELACOUNT, spec_.relative_count);
    add_table(DT_JMPREL, p().plt, DT_PLTRELSZ, spec_.plt.size() * sizeof(Rela));
    if (!spec_.plt.empty()) add(DT_PLTREL, DT_RELA);
    add_table(DT_RELR, p().relr, DT_RELRSZ, spec_.relr.size() * 8);
    if (!spec_.relr.empty()) add(DT_RELRENT, 8);
    add_table(DT_INIT_ARRAY, p().init_array, DT_INIT_ARRAYSZ, spec_.init_array.size() * 8);
    add_table(DT_FINI_ARRAY, p().fini_array, DT_FINI_ARRAYSZ, spec_.fini_array.size() * 8);
    dynamic_.insert(dynamic_.end(), spec_.more_dynamic.begin(), spec_.more_dynamic.end());
    add(DT_NULL, 0);
  }

  void write_dynamic() {
    for (size_t i = 0; i < dynamic_.size(); ++i) {
      image_.at<Dyn>(p().dynamic + i * sizeof(Dyn)) = dynamic_[i];
    }
  }

  template <class Bytes>
  void copy_in(uint64_t offset, const Bytes& from) {
    std::copy(from.begin(), from.end(), image_.bytes.begin() + static_cast<ptrdiff_t>(offset));
  }

  const ObjectSpec& spec_;
  ElfImage image_;
  std::vector<SymbolSpec> symbols_;
  uint32_t first_hashed_ = 1;
  std::map<std::string, uint16_t> definitions_;
  std::vector<std::string> definition_order_;
  std::map<std::pair<std::string, std::string>, uint16_t> needs_;
  std::map<std::string, std::vector<std::string>> need_order_;
  std::string strings_;
  std::map<std::string, uint32_t> string_at_;
  std::vector<Dyn> dynamic_;
};

inline ElfImage write_elf(const ObjectSpec& spec) { return ElfWriter(spec).write(); }

}  // namespace ldseal::testing_tools
