// An object that defines versions, and one that needs them of others.
#pragma once

#include "tests/lib_cc/elf_writer.h"

namespace ldseal::testing_tools {

inline ObjectSpec two_definitions() {
  ObjectSpec spec;
  spec.soname = "libit.so";
  spec.symbols = {{.name = "a", .version = "V1"}, {.name = "b", .version = "V2"}};
  return spec;
}

inline ObjectSpec two_needs() {
  ObjectSpec spec;
  spec.symbols = {{.name = "a", .version = "V1", .library = "libone.so", .defined = false},
                  {.name = "b", .version = "V2", .library = "libone.so", .defined = false},
                  {.name = "c", .version = "V1", .library = "libtwo.so", .defined = false}};
  return spec;
}

}  // namespace ldseal::testing_tools
