// An exception thrown in an opened object is caught in the program, and the other way round.

#include <stdexcept>

#include "opens.h"

static int thrown(int number) { throw number; }

int main() {
  int unwound = 0;
  void* handle = opened("libthrower.so", RTLD_NOW);
  auto throws = (int (*)(int*, int))found(handle, "throws");
  auto catches = (int (*)(int (*)(int), int))found(handle, "catches");
  try {
    throws(&unwound, 5);
  } catch (const std::exception& exception) {
    say_text("caught", exception.what());
  }
  say_number("unwound", unwound);
  say_number("caught in the object", catches(thrown, 8));
  closed(handle);
  try {
    throw std::logic_error("after the close");
  } catch (const std::exception& exception) {
    say_text("caught", exception.what());
  }
  return 0;
}
