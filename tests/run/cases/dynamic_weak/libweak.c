// Weak definitions that come first in the scope.

__attribute__((weak)) int first_is_weak(void) { return 1; }
__attribute__((weak)) int only_weak(void) { return 1; }
