// Guard pages in the page table (madvise(2), MADV_GUARD_INSTALL: Linux 6.13, for mappings of files
// 6.15): inaccessible without a mapping of their own.
#pragma once

#include "ldso/base/number.h"

namespace ldseal {

// A supervisor wants none.
void forbid_guards();

// False once it is known that they do not work in this process.
bool guards_may_work();

// True: whoever touches `range`, whole pages of one's own, gets SIGSEGV from now on, and what was
// in it is gone. False: nothing has changed.
bool install_guards(AddressRange range);

// Whoever had installed them: what lies there may be used, and is zero. Without guards nothing happens.
void remove_guards(AddressRange range);

// Are they what they should be, in a page made for the question?
bool guards_hold(PageSize page);

}  // namespace ldseal
