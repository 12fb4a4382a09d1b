int only_weak(void) { return 3; }
