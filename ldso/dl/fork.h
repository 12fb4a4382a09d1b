// What fork(2) must find in order: the child gets our locks free and our lists whole, whoever else
// was at work.
#pragma once

namespace ldseal {

// Has libc call us around every fork from now on; later calls do nothing. Before the first thread
// is made and the first object opened; in a program that is linked to functions of ours before any
// constructor: libc calls first what was registered first once it has forked, and last before that,
// so that other handlers never find our locks taken and may make threads and open objects.
void follow_forks();

}  // namespace ldseal
