// See object_files.h.
#include "tools/sealctl/prove/object_files.h"

#include <algorithm>
#include <cstring>
#include <elf.h>

#include "ldso/image/elf_file.h"
#include "tools/sealctl/check/kernel_in_root.h"
#include "tools/sealctl/check/reasons.h"
#include "tools/sealctl/ps/objects.h"

namespace sealctl::prove {
namespace {

using namespace ldseal;

constexpr char kOtherFile[] = "another file is there now";

// Is what the process has at the object's start the start of this file? The headers are there, and
// nothing changes them. Behind them may be stubs, which ld-seal changes.
bool is_of_file(const LoadedObject& object, const Tracee& process, PageSize page) {
  const Module& module = object.file.module;
  const Phdr* first = next_load(module.segments.headers, nullptr);
  if (first == nullptr || (first->p_flags & PF_W) != 0) return first != nullptr;
  const size_t headers = sizeof(Ehdr) + module.segments.headers.size_bytes();
  std::string found(std::min({headers, page.value, first->p_filesz}), '\0');
  if (process.read(object.start, found.data(), found.size()) != found.size()) return false;
  return std::memcmp(found.data(), module.span.start.as<char>(), found.size()) == 0;
}

}  // namespace

ObjectFiles::ObjectFiles() : root_("/") { check::let_loader_see(&root_); }

ObjectFiles::~ObjectFiles() { check::let_loader_see(nullptr); }

ObjectFile ObjectFiles::read(const std::string& path) {
  ObjectFile read;
  read.module.file_path = arena_.copy(path);
  ldseal::Result<ElfFile> file = ElfFile::open(read.module.file_path, page_, arena_);
  Status status = file ? views_.describe(read.module, *file, page_) : Status(file.error());
  if (!status) read.why_not = check::reason_for(status.error(), path).text;
  return read;
}

std::vector<uint64_t> LoadedObject::definitions_of(std::string_view wanted) const {
  std::vector<uint64_t> found;
  const SymbolTable& table = file.module.symbols();
  for (uint32_t i = 0; i < table.count; ++i) {
    const Sym& symbol = table.symbols[i];
    if (symbol.st_shndx == SHN_UNDEF || table.name(symbol) != wanted) continue;
    const uint64_t address = bias() + symbol.st_value;
    if (std::ranges::find(found, address) == found.end()) found.push_back(address);
  }
  return found;
}

std::vector<LoadedObject> find_loaded_objects(ObjectFiles& files, const Tracee& process) {
  const ps::ProcFolder folder(process.pid());
  const std::string text = folder.read("maps").value_or("");
  const std::vector<ps::Mapping> mappings = ps::parse_smaps(text);
  ps::ElfCache cache;
  std::vector<LoadedObject> objects;
  for (const ps::MappedObject& mapped : ps::find_objects(cache, folder, mappings)) {
    LoadedObject object{std::string(mapped.name), files.read(std::string(mapped.name)), 0};
    object.start = object.file.module.segments.start.value + mapped.bias;
    if (object.file.why_not.empty() && !is_of_file(object, process, files.page()))
      object.file.why_not = kOtherFile;
    objects.push_back(std::move(object));
  }
  return objects;
}

}  // namespace sealctl::prove
