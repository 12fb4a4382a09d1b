int first_is_weak(void) { return 2; }
