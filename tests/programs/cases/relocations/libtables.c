// The tables of a library.

#include "tables.h"

int wrong_in_library(void) { return wrong(); }
