// What tests of loading share: a kernel with files in it, and one failure after another.
#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <string>

#include "arch/native.h"
#include "ldso/image/graph.h"
#include "tests/lib_cc/elf_writer.h"
#include "tests/lib_cc/error_text.h"
#include "tests/lib_cc/heap_arena.h"
#include "tests/lib_cc/scripted_kernel.h"

namespace ldseal::testing_tools {

constexpr PageSize kPages{kPage};

inline std::vector<unsigned char> object_file(ObjectSpec spec) {
  spec.machine = Native::kMachine;
  return write_elf(spec).bytes;
}

inline std::vector<unsigned char> library_that_needs(const std::string& soname,
                                                     const std::vector<std::string>& needed) {
  ObjectSpec spec;
  spec.soname = soname;
  spec.needed = needed;
  return object_file(spec);
}

// Compares the files and the mappings in use before and after an attempt that must leave nothing
// behind.
class NothingLeft {
 public:
  explicit NothingLeft(const ScriptedKernel& kernel)
      : kernel_(kernel), files_(kernel.open_files()), pages_(kernel.mapped_pages()) {}
  void check() const {
    EXPECT_EQ(kernel_.open_files(), files_) << "a file stays open";
    EXPECT_EQ(kernel_.mapped_pages(), pages_) << "memory stays mapped";
  }

 private:
  const ScriptedKernel& kernel_;
  size_t files_, pages_;
};

// The fault that reports a refused call.
inline Fault fault_of(const std::string& call) {
  if (call == "open") return Fault::kCannotOpen;
  if (call == "status") return Fault::kCannotStat;
  if (call == "read") return Fault::kCannotRead;
  if (call == "protect") return Fault::kCannotProtect;
  return Fault::kCannotMap;
}

// Does `attempt` once for each call that it makes, that call refused, until it succeeds with none
// refused. `check` gets the name of the call that was refused and the error.
void fail_every_call(const std::function<void(ScriptedKernel&)>& prepare,
                     const std::function<Error(ScriptedKernel&)>& attempt,
                     const std::function<void(const std::string& call, const Error& error)>& check);

}  // namespace ldseal::testing_tools
