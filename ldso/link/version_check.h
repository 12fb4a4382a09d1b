// Symbol versions (gABI, "Symbol Versioning"): checked for every object before it is relocated.
#pragma once

#include "ldso/base/result.h"
#include "ldso/image/module.h"

namespace ldseal {

// Checks that each version that `module` needs is defined by the object that its DT_VERNEED entry
// names. An object without versions passes. `find` returns the module with a name, null if there is
// none. Errors: kVersionFileMissing, kVersionMissing.
Status check_versions(const Module& module, Module* (*find)(const char* name, void* context),
                      void* context);

}  // namespace ldseal
