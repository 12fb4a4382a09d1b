// A library between the one who throws and the one who catches.
void call_back(void (*function)(int), int depth) {
  struct Nothing {
    explicit Nothing(int d) : depth(d) {}
    ~Nothing() { depth = 0; }
    int depth;
  } nothing(depth);
  function(nothing.depth);
}
