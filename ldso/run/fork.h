// What fork(2) must find in order: the child gets our locks free and our lists whole, whoever else
// was at work.
#pragma once

namespace ldseal {

// Has libc call us around every fork from now on. Before the first thread is made and before the
// first object is opened; later calls do nothing.
void follow_forks();

}  // namespace ldseal
