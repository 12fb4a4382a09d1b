// Symbol versions (gABI, "Symbol Versioning"): checked for every object before it is relocated.
#pragma once

#include "ldso/base/result.h"
#include "ldso/image/module.h"

namespace ldseal {

// Each version that `module` needs must be defined by the object that its DT_VERNEED entry names,
// when that object has versions at all. `find` gives the module of a name, null where there is
// none. Errors: kVersionFileMissing, kVersionMissing. `warn`, unless it is null, receives what
// glibc's loader warns of at start-up: kNoVersionInformation, kWeakVersionMissing.
Status check_versions(const Module& module, Module* (*find)(const char* name, void* context),
                      void* context, void (*warn)(const Error&) = nullptr);

}  // namespace ldseal
