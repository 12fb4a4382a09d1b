// A library of criu_victim.c, linked so that holes lie between its segments, as in every object for
// aarch64: what is sealed has guards in it then.
static long calls;

long step(void) {
  calls++;
  return calls > 0;
}
