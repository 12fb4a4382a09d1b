// Calls what nothing defines yet.

int provided(void);
__attribute__((weak)) int optional(void);
int call(void) { return provided(); }
int call_weak(void) { return optional(); }
