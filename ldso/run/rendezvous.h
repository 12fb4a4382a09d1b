// What debuggers read: the list of objects, and the function they stop in when it changes (SVR4
// r_debug, link_map).
#pragma once

#include "ldso/run/process.h"

namespace ldseal {

// Makes the list complete and announces it. DT_DEBUG of the program leads debuggers here.
void publish_link_map(Process& process, Arena& permanent);

}  // namespace ldseal
