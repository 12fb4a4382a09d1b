// Fuzzes where libraries are looked for: the text is musl's file of directories, a list of directories, a path with
// $ORIGIN and its like, and the name of a library.
#include <string>

#include "arch/native.h"
#include "ldso/words/report.h"
#include "tests/fuzz/loaded.h"

namespace ldseal::fuzz {
namespace {

void look_for(const std::string& text, SearchSettings settings) {
  ExactArena arena;
  Module program;
  program.kind = ModuleKind::kProgram;
  program.file_path = "bin/program";
  settings.platform = Native::kPlatform;
  settings.page = kPages;
  LibrarySearch search(settings, program, arena);
  for (const char* name : {"absent.so", "libneeded.so", text.c_str()}) {
    for (auto find : {&LibrarySearch::find, &LibrarySearch::find_trusted}) {
      Result<FoundFile> found = (search.*find)(name, program);
      if (!found) report(found.error());
    }
  }
  search.expand(text, program);
  search.directories_for(program);
  search.settle_origin(program);
  search.release_cache();
}

}  // namespace
}  // namespace ldseal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using ldseal::LibcRules;
  ldseal::fuzz::FuzzKernel kernel;
  ldseal::fuzz::add_files(kernel, {data, size});
  std::string musl_path = std::string("/etc/") + ldseal::Native::kMuslRtld + ".path";
  kernel.add_file(musl_path, {data, size});
  kernel.add_file("/etc/ld.so.cache", {data, size});
  std::string text(reinterpret_cast<const char*>(data), size);
  for (bool secure : {false, true}) {
    for (const char* list : {static_cast<const char*>(nullptr), text.c_str()}) {
      ldseal::fuzz::look_for(text,
                             {.rules = LibcRules::kMusl, .library_path = list, .secure = secure});
      ldseal::fuzz::look_for(text,
                             {.rules = LibcRules::kGlibc, .library_path = list, .secure = secure});
    }
  }
  return 0;
}
