// The files of a process's objects, read by the loader's own sources as `sealctl check` reads them.
#pragma once

#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include "ldso/image/module.h"
#include "tools/sealctl/check/object_views.h"
#include "tools/sealctl/doctor/root.h"
#include "tools/sealctl/prove/tracee.h"

namespace sealctl::prove {

struct ObjectFile {
  ldseal::Module module;  // of a view of the file in this process
  std::string why_not;    // it cannot be read; empty: it can
};

// One at a time: it sets the root that the loader's sources see.
class ObjectFiles {
 public:
  ObjectFiles();
  ~ObjectFiles();
  ObjectFiles(const ObjectFiles&) = delete;
  ObjectFiles& operator=(const ObjectFiles&) = delete;

  // `path` is absolute. What it gives stays as long as this object.
  ObjectFile read(const std::string& path);

  ldseal::PageSize page() const { return page_; }

 private:
  doctor::Root root_;
  ldseal::PageSize page_{static_cast<uint64_t>(sysconf(_SC_PAGESIZE))};
  check::HeapArena arena_;
  check::ObjectViews views_;
};

// An object in the memory of a stopped process.
struct LoadedObject {
  std::string name;
  ObjectFile file;
  uint64_t start = 0;  // where the first page of the view is in the process

  // Where in the process is what the view has at `address`?
  uint64_t in_process(ldseal::Address address) const {
    return (address - file.module.span.start).value + start;
  }
  uint64_t bias() const { return in_process(ldseal::Vaddr(0) + file.module.bias); }
  // Where in the process are the definitions of this name, of any version?
  std::vector<uint64_t> definitions_of(std::string_view name) const;
};

// Those of the process that have code, in ascending order.
std::vector<LoadedObject> find_loaded_objects(ObjectFiles& files, const Tracee& process);

}  // namespace sealctl::prove
