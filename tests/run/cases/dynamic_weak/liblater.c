// The only strong definition of a function that libweak.c defines as weak.

int only_weak(void) { return 3; }
