// The libc of the test program, described where its rtld has mapped it, as the loader describes the
// libc of a process.
#pragma once

#include <link.h>
#include <stdexcept>
#include <string_view>
#include <unistd.h>

#include "ldso/image/map_file.h"
#include "tests/lib_cc/heap_arena.h"

namespace ldseal::testing_tools {

inline PageSize host_page() { return PageSize{static_cast<uint64_t>(sysconf(_SC_PAGESIZE))}; }

inline Module& host_libc() {
  static HeapArena arena;
  static Module libc;
  if (libc.kind == ModuleKind::kLibc) return libc;
  auto describe = [](dl_phdr_info* info, size_t, void*) {
    if (!std::string_view(info->dlpi_name).ends_with("/libc.so.6")) return 0;
    libc.kind = ModuleKind::kLibc;
    libc.path = libc.file_path = info->dlpi_name;
    ProgramHeaders headers(info->dlpi_phdr, info->dlpi_phnum);
    Status s = describe_in_memory(libc, headers, LoadBias(info->dlpi_addr), host_page(), arena);
    if (!s) throw std::runtime_error("the libc of this program cannot be described");
    return 1;
  };
  if (dl_iterate_phdr(describe, nullptr) == 0) throw std::runtime_error("this program has no libc");
  return libc;
}

}  // namespace ldseal::testing_tools
