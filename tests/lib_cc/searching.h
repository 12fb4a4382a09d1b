// What the tests of the search share: objects that ask, and a search over a file system that the
// test makes.
#pragma once

#include "ldso/image/search.h"
#include "tests/lib_cc/loading.h"

namespace ldseal::testing_tools {

using Paths = std::vector<std::string>;

// An object that asks for libraries, with its run paths.
class Asking {
 public:
  explicit Asking(const std::string& path, const ObjectSpec& spec = {},
                  Module* brought_by = nullptr)
      : path_(path), image_(write_elf(spec)), memory_(image_.in_memory()) {
    module_.path = module_.file_path = path_.c_str();
    module_.needed_by = brought_by;
    const auto* header = reinterpret_cast<const Ehdr*>(memory_.data());
    ProgramHeaders headers(reinterpret_cast<const Phdr*>(memory_.data() + header->e_phoff),
                           header->e_phnum);
    auto segments = inspect_segments(headers, SegmentSource::kMemory, ByteCount(0), kPages);
    if (!segments) throw std::runtime_error("bad segments");
    module_.segments = *segments;
    module_.bias = LoadBias(reinterpret_cast<uintptr_t>(memory_.data()));
    if (!describe_tables(module_, ImageView::of_memory(headers, module_.bias), arena_)) {
      throw std::runtime_error("bad tables");
    }
  }
  Module& module() { return module_; }

 private:
  std::string path_;
  HeapArena arena_;
  ElfImage image_;
  std::vector<unsigned char> memory_;
  Module module_;
};

class Search : public testing::Test {
 protected:
  Search() { settings_.page = kPages; }

  // The path of what is found, or "".
  std::string find(const char* name, Module& needed_by) {
    LibrarySearch search(settings_, needed_by, arena_);
    auto found = search.find(name, needed_by);
    error_ = outcome(found);
    return found ? found->path : "";
  }
  // The paths tried but the cache's.
  Paths tried() const {
    Paths paths = kernel_.paths_of("open");
    std::erase(paths, "/etc/ld.so.cache");
    return paths;
  }
  Paths defaults(const std::string& name) const {
    std::string multiarch = Native::kMultiarch;
    return {"/lib/" + multiarch + "/" + name, "/usr/lib/" + multiarch + "/" + name, "/lib/" + name,
            "/usr/lib/" + name};
  }
  void add(const std::string& path) { kernel_.add_file(path, object_file({})); }
  void add_path_file(const std::string& text) {
    kernel_.add_file("/etc/" + std::string(Native::kMuslRtld) + ".path",
                     {text.begin(), text.end()});
  }
  Paths tried_by_musl() const {
    Paths paths = kernel_.paths_of("open");
    std::erase_if(paths, [](const std::string& path) { return path.starts_with("/etc/"); });
    return paths;
  }

  ScriptedKernel kernel_;
  HeapArena arena_;
  SearchSettings settings_;
  Error error_;
};

}  // namespace ldseal::testing_tools
