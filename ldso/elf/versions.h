// Symbol versions ("GNU symbol versioning"; LSB core, "Symbol Versioning"): DT_VERDEF and
// DT_VERNEED as rows.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/elf/dynamic.h"
#include "ldso/elf/image_view.h"
#include "ldso/elf/symbols.h"

namespace ldseal {

// Fills version_symbols, versions and version_count of `table`, whose strings and symbols are known
// already.
Status read_versions(const ImageView& image, const Dynamic& dynamic, SymbolTable& table,
                     Arena& arena);

// Does `table` define the version that `need` asks for?
bool defines_version(const SymbolTable& table, const Version& need);
// Does it define any version at all? An object without is taken for every version.
bool defines_versions(const SymbolTable& table);

}  // namespace ldseal
