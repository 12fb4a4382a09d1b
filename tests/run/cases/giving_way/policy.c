// The word of a program of its own about what is sealed.
#include <ldseal/policy.h>

LDSEAL_POLICY(WORDS);
