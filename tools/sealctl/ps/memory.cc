// See memory.h.
#include "tools/sealctl/ps/memory.h"

#include <algorithm>
#include <unistd.h>

#include "tools/sealctl/ps/guards.h"
#include "tools/sealctl/text.h"

namespace sealctl::ps {
namespace {

void add_once(std::vector<std::string>& names, std::string_view name) {
  if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
}

void add_code(Memory& memory, const Mapping& m) {
  memory.code.all += m.size();
  ++memory.code_ranges.all;
  if (m.is_sealed) {
    memory.code.sealed += m.size();
    ++memory.code_ranges.sealed;
    if (!m.is_kernels()) memory.has_sealed_code = true;
  } else if (m.has_file) {
    add_once(memory.unsealed_code, m.name);
  } else if (!m.is_kernels()) {
    memory.code_without_file += m.size();
  }
}

// ld-seal before libc's: under it libc's own loader is mapped, too.
Loader more_telling(Loader a, Loader b) {
  if (a == Loader::kLdSeal || b == Loader::kLdSeal) return Loader::kLdSeal;
  return a == Loader::kUnknown ? b : a;
}

// The name that a file gives itself counts, if it can be read.
Loader loader_in(const Mapping& m, std::string_view soname) {
  const std::string_view name = soname.empty() ? file_name(m.name) : soname;
  if (name.starts_with("ld-seal-")) return Loader::kLdSeal;
  if (name.starts_with("ld-musl-") || name.starts_with("libc.musl-")) return Loader::kMusl;
  if (name == "libc.so") return Loader::kMusl;
  const bool is_glibcs = name.starts_with("ld-linux") || name.starts_with("ld64.so") ||
                         name.starts_with("ld.so") || name.starts_with("ld-2.");
  return is_glibcs ? Loader::kGlibc : Loader::kUnknown;
}

bool is_sealed(std::span<const Mapping> mappings, uint64_t start, uint64_t end) {
  auto m = std::ranges::upper_bound(mappings, start, {}, &Mapping::end);
  for (; m != mappings.end() && m->start < end; ++m) {
    if (!m->is_sealed || m->is_writable) return false;
  }
  return true;
}

void add_relro(Memory& memory, std::span<const Mapping> mappings, const MappedObject& object) {
  static const auto kPage = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t start = object.relro_start(kPage), end = object.relro_end(kPage);
  if (start >= end) return;
  ++memory.relro.all;
  if (is_sealed(mappings, start, end)) {
    ++memory.relro.sealed;
  } else {
    memory.unsealed_relro.emplace_back(object.name);
  }
}

}  // namespace

Memory describe_memory(const ProcFolder& folder, ElfCache& cache, std::span<const Mapping> mappings,
                       unsigned threads) {
  Memory memory;
  for (const Mapping& m : mappings) {
    if (m.name == "[vdso]") {
      memory.has_vdso = true;
      memory.is_vdso_sealed = m.is_sealed;
    }
    if (!m.is_executable || m.name == "[vsyscall]" || m.name == "[uprobes]") continue;
    add_code(memory, m);
    if (m.has_file) memory.loader = more_telling(memory.loader, loader_in(m, ""));
  }
  for (const MappedObject& object : find_objects(cache, folder, mappings)) {
    const Mapping named{.name = object.name};
    memory.loader = more_telling(memory.loader, loader_in(named, object.elf->soname));
    add_relro(memory, mappings, object);
    const ElfSummary& elf = *object.elf;
    if (elf.has_text_relocations) memory.text_relocations = object.name;
    if (elf.asks_for_executable_stack) memory.executable_stack = object.name;
  }
  if (threads > 1) memory.guards = find_guards(folder, mappings).size();
  return memory;
}

}  // namespace sealctl::ps
