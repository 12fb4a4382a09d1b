// A library that throws to its caller and catches what its caller's function throws.

#include <stdexcept>

struct Announced {
  int* count;

  explicit Announced(int* its_count) : count(its_count) {}

  ~Announced() { ++*count; }
};

extern "C" int throws(int* unwound, int number) {
  Announced announced(unwound);
  if (number) throw std::runtime_error("number " + std::to_string(number));
  return 1;
}

extern "C" int catches(int (*function)(int), int argument) {
  try {
    return function(argument);
  } catch (int number) {
    return -number;
  }
}
