// Guard pages in the page table (madvise(2), MADV_GUARD_INSTALL; since Linux 6.13, for files since
// 6.15). They make pages inaccessible without a separate mapping.
#pragma once

#include "ldso/base/number.h"

namespace ldseal {

// A supervisor does not want guards: installs none from now on.
void forbid_guards();

// Returns false once guards are known not to work in this process.
bool guards_may_work();

// Makes `range`, whole pages of our own, inaccessible: an access gets SIGSEGV. Its contents are
// lost. Returns false if nothing was changed.
bool install_guards(AddressRange range);

// Removes guards, also those of other code; the pages then read as zero. Pages without a guard stay
// as they are.
void remove_guards(AddressRange range);

// Tries out whether a guard really stops an access, on a page made for this purpose.
bool guards_hold(PageSize page);

}  // namespace ldseal
