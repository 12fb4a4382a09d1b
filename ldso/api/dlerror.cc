// dlerror(3).
#include "ldso/dl/dlerror.h"

#include "ldso/abi/exports.h"

const char* dlerror() { return ldseal::take_dl_error(); }
