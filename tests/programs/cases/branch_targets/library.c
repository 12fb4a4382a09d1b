// Returns the address of a place in this object that has no landing pad.

#include "place.h"
#define JOINED(one, other) one##other
#define NAMED(name) JOINED(place_in_, name)

int (*NAMED(NAME)(void))(void) { return place; }
