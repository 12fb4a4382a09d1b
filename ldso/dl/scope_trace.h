// LD_DEBUG=scopes: where the names of each object are looked up, in glibc's form.
#pragma once

#include "ldso/image/module.h"

namespace ldseal {

// Every object of start-up. Called once they are published.
void trace_scopes_of_start_up();

// An object that was just opened, and all that it needs.
void trace_scopes_of_opened(Module& root);

}  // namespace ldseal
