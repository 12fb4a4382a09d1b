// From an open file to a described module in memory (gABI, "Program Loading"). No relocation, no
// foreign code.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/image/module.h"
#include "ldso/mem/mapping.h"
#include "ldso/sys/kernel.h"

namespace ldseal {

// A file that was found to be an object for this machine: open, its ELF header and program headers
// read and checked.
class OpenObject {
 public:
  OpenObject(OpenObject&& other) noexcept;
  OpenObject(const OpenObject&) = delete;
  OpenObject& operator=(const OpenObject&) = delete;
  OpenObject& operator=(OpenObject&&) = delete;
  ~OpenObject();

  // `path` is kept in errors; program headers are copied into `arena`.
  static Result<OpenObject> open(const char* path, PageSize page, Arena& arena);

  int file() const { return file_; }
  const Ehdr& header() const { return header_; }
  const Segments& segments() const { return segments_; }
  const kernel::FileStatus& status() const { return status_; }
  // Has the dynamic section in the file an entry with this tag? For an object that is not mapped.
  bool has_dynamic_entry(int64_t tag) const;
  FileIdentity identity() const { return {status_.device, status_.inode}; }

 private:
  explicit OpenObject(int file) : file_(file) {}
  Status read_headers(const char* path, PageSize page, Arena& arena);

  int file_;
  kernel::FileStatus status_;
  Ehdr header_ = {};
  Segments segments_;
};

// From now on each segment is mapped from its file by a call of its own, as libc's loaders do, with
// nothing copied: for valgrind, which learns from these calls where an object is.
void map_as_libc_does();

// Maps the segments of `object` for good and describes `module`, whose path is set. A failure
// leaves nothing mapped.
Status map_object(Module& module, const OpenObject& object, PageSize page, Arena& arena);

// Describes `module` from a read-only view of its whole file, which is returned and must outlive
// the use of the tables: for an object that somebody else will map.
Result<Mapping> view_object(Module& module, const OpenObject& object, Arena& arena);

// Describes `module` where somebody else has mapped the file `object` with this bias.
Status describe_mapped(Module& module, const OpenObject& object, LoadBias bias, PageSize page,
                       Arena& arena);

// Describes `module`, already in memory at `bias`, its program headers at `headers`.
Status describe_in_memory(Module& module, ProgramHeaders headers, LoadBias bias, PageSize page,
                          Arena& arena);

}  // namespace ldseal
