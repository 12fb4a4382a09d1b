// ldseal_reseal (<ldseal/reseal.h>): the seals of start-up once more.
#include "ldso/run/exports.h"
#include "ldso/run/process.h"
#include "ldso/seal/apply.h"

int ldseal_reseal() { return ldseal::seal_again(ldseal::process.sealed); }
