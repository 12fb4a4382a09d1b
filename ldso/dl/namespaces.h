// Namespaces beside the program's (dlmopen(3)): objects with a separate libc. libc's rtld makes
// them, maps and relocates what is in them, and unloads it. So nothing there is sealed, and their
// handles are libc's (dl/libc_handles.h).
#pragma once

#include "ldso/abi/link.h"
#include "ldso/base/result.h"

namespace ldseal {

struct Module;

// dlmopen(3) into a namespace that is not the program's. Null: an error, which dlerror returns, or
// RTLD_NOLOAD is given and the object is not loaded.
void* open_in_namespace(const void* caller, long name_space, const char* name, int mode);

// dlclose(3) of a handle that is not ours. Returns `failed` if it is no handle of libc's either.
int close_in_namespace(void* handle, int failed);

// Informs the trace and debuggers about an object that rtld has opened in such a namespace, and
// about what came with it.
void note_opened_in_namespace(const LinkMap& opened);

}  // namespace ldseal
