// Stands before every source of the loader: what is only declared is the loader's own, too, and
// reached without a GOT, which would have to be relocated (-fvisibility is about definitions alone).
#pragma GCC visibility push(hidden)
