// One right object, and cases that each change one thing in it and say what error that must give.
#pragma once

#include <functional>
#include <vector>

#include "ldso/image/module.h"
#include "tests/lib_cc/elf_writer.h"
#include "tests/lib_cc/error_text.h"

namespace ldseal::damage {

using testing_tools::ElfImage;
using testing_tools::error_at;
using testing_tools::error_in;
using testing_tools::kPage;
using testing_tools::ObjectSpec;
using testing_tools::Places;
using testing_tools::RelocationSpec;
using testing_tools::SymbolSpec;

// Who finds the fault. The readers of headers do not know the object's name; whoever calls them adds it.
enum class Stage { kHeader, kSegments, kTables, kLink };

// In the place of a name: that of the damaged object.
inline const char kItself[] = "(itself)";

struct DamageCase {
  const char* name;
  Stage stage;
  // Makes the change, and gives the error that must come of it, without the object's name.
  std::function<Error(ElfImage&)> damage;
  // Changes what is written in the first place.
  std::function<void(ObjectSpec&)> prepare = nullptr;
  // What the damaged object is when it is linked.
  ModuleKind kind = ModuleKind::kLibrary;
};

const std::vector<DamageCase>& header_cases();
const std::vector<DamageCase>& segment_cases();
const std::vector<DamageCase>& dynamic_cases();
const std::vector<DamageCase>& table_cases();
const std::vector<DamageCase>& hash_cases();
const std::vector<DamageCase>& version_cases();
const std::vector<DamageCase>& link_cases();
const std::vector<DamageCase>& note_cases();

// All of the above.
std::vector<DamageCase> all_cases();

// What it has: versions of its own, a symbol and a version from libneeded.so, thread-local storage, both hashes, every
// kind of relocation table, code that ends the process with status 42.
ObjectSpec right_object();
// What it needs.
ObjectSpec needed_object();

struct DamagedFile {
  ElfImage image;
  Error expected;
};
DamagedFile make(const DamageCase& which);

}  // namespace ldseal::damage
