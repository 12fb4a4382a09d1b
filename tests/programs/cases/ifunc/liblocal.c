// A static IFUNC, called and stored, whose resolver reads a relocated pointer.

static int one(void) { return 1; }

static int two(void) { return 2; }

static int* which_pointer;
static int which = 2;
static int* const constant_pointer = &which;

static int (*resolve(void))(void) { return *constant_pointer == 2 && !which_pointer ? two : one; }

static int local(void) __attribute__((ifunc("resolve")));
static int (*stored)(void) = local;

int static_call(void) { return local(); }

int stored_call(void) { return stored(); }
