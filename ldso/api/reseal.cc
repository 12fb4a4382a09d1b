// ldseal_reseal (<ldseal/reseal.h>): seals again what start-up and dlopen have sealed. Returns 0,
// or the errno of the first mseal(2) that failed.
#include "ldso/abi/exports.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/opened_seals.h"
#include "ldso/process/process.h"
#include "ldso/seal/execute.h"

using namespace ldseal;

int ldseal_reseal() {
  const List<SealedRun>& sealed = process.sealed;
  int at_start = seal_again({sealed.begin(), sealed.size()});
  LockGuard guard(dl_lock);
  int since = seal_opened_again();
  return at_start != 0 ? at_start : since;
}
