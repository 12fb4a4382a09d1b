// A strong definition behind the weak one of libweak.c.

int first_is_weak(void) { return 2; }
