// An open file that is an object for this machine: its ELF header and program headers are read and
// checked. Nothing is mapped.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/bytes.h"
#include "ldso/base/result.h"
#include "ldso/elf/segments.h"
#include "ldso/image/module.h"
#include "ldso/sys/kernel.h"

namespace ldseal {

// Its end closes the file.
class ElfFile {
 public:
  ElfFile(ElfFile&& other) noexcept;
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;
  ElfFile& operator=(ElfFile&&) = delete;
  ~ElfFile();

  // Opens `path`, which errors refer to, and copies the program headers into `arena`. Errors: those
  // of open(2), fstat(2) and pread(2), and the faults of the headers (gABI "ELF Header", "Program
  // Header").
  static Result<ElfFile> open(const char* path, PageSize page, Arena& arena);

  // Closes the file before its time, and opens it again by its path: what it is must be the same
  // then. Errors: as `open`; kCannotOpen with ESTALE, if another file is there.
  void close();
  Status reopen(const char* path);
  bool is_open() const { return file_ >= 0; }

  int file() const { return file_; }
  const Ehdr& header() const { return header_; }
  const Segments& segments() const { return segments_; }
  const kernel::FileStatus& status() const { return status_; }
  FileIdentity identity() const { return {status_.device, status_.inode}; }
  // The bits of the property kFeatures (arch/machine.h): what the object's code keeps to.
  uint32_t features() const { return features_; }
  // Does the dynamic section in the file have an entry with this tag? For an object that is not
  // mapped.
  bool has_dynamic_entry(int64_t tag) const;

 private:
  explicit ElfFile(int file) : file_(file) {}
  Status read_headers(const char* path, PageSize page, Arena& arena);
  uint32_t find_features(ByteView start) const;

  int file_;
  kernel::FileStatus status_;
  Ehdr header_ = {};
  Segments segments_;
  uint32_t features_ = 0;
};

}  // namespace ldseal
