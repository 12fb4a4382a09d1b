// Symbol versions ("GNU symbol versioning"; LSB core, "Symbol Versioning"): turns DT_VERDEF and
// DT_VERNEED into rows.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/elf/dynamic.h"
#include "ldso/elf/image_view.h"
#include "ldso/elf/symbols.h"

namespace ldseal {

// Fills version_symbols, versions and version_count of `table`. Its strings and symbols must be
// known. Error: kBadVersionTable.
Status read_versions(const ImageView& image, const Dynamic& dynamic, SymbolTable& table,
                     Arena& arena);

// Does `table` define the version that `need` asks for?
bool defines_version(const SymbolTable& table, const Version& need);
// Does `table` define any version? An object without versions matches every version.
bool defines_versions(const SymbolTable& table);

}  // namespace ldseal
