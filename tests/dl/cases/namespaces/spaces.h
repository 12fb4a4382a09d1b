// What programs with several namespaces share.
#include "opens.h"

static inline void* opened_in(Lmid_t space, const char* name, int flags) {
  void* handle = dlmopen(space, name, flags);
  if (!handle) give_up("cannot open", name);
  return handle;
}

static inline void* opened_apart(const char* name) {
  return opened_in(LM_ID_NEWLM, name, RTLD_NOW);
}

static inline Lmid_t space_of(void* handle) {
  Lmid_t space = -7;
  if (dlinfo(handle, RTLD_DI_LMID, &space) != 0) give_up("has no namespace", dlerror());
  return space;
}

// The open must fail; a line has dlerror's words.
static inline void refuse_in(Lmid_t space, const char* name, int flags) {
  dlerror();
  claim("refused", dlmopen(space, name, flags) == 0);
  say_text("because", dlerror());
}
