// A child forked while objects come and go uses TLS and exceptions.

#include "forks.h"

static int child(void) {
  try {
    throw next();
  } catch (int number) {
    return number != 51;
  }
}
