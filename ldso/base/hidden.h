// Every source includes this first. It makes declarations hidden too, because -fvisibility covers
// definitions only. Hidden symbols need no GOT slots, which would have to be relocated.
#pragma GCC visibility push(hidden)
