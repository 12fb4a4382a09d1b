// The kernel of the fuzzers: ldso/sys/kernel.h over files in memory. What is mapped without an address lies in one
// reservation, each mapping between pages that nobody may touch. Linked in place of ldso/sys/kernel.cc.
#pragma once

#include <map>
#include <span>
#include <string>

#include "ldso/sys/kernel.h"

namespace ldseal::fuzz {

// What ended the process, thrown in place of ending it.
struct ProcessEnded {
  int status;
};

// One at a time. Every file of the machine that is not added is absent.
class FuzzKernel {
 public:
  FuzzKernel();
  ~FuzzKernel();
  FuzzKernel(const FuzzKernel&) = delete;
  FuzzKernel& operator=(const FuzzKernel&) = delete;

  // A name with a slash is one path, a name without is that file in every directory.
  void add_file(const std::string& name, std::span<const unsigned char> bytes);

 private:
  friend struct KernelOfFuzzers;
  struct File {
    int memory;  // a file descriptor that holds the bytes
    uint64_t inode;
  };
  long find(const char* path) const;

  std::map<std::string, File> files_;
  std::map<uint64_t, uint64_t> fixed_;  // ranges outside the reservation: start, end
};

}  // namespace ldseal::fuzz
