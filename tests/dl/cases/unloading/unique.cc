// An object that defines a unique symbol stays when it is closed.

#include "opens.h"

int main() {
  void* handle = opened("libunique.so", RTLD_NOW | RTLD_LOCAL);
  say_number("first", answer(handle, "next"));
  closed(handle);
  claim("mapped", is_mapped("libunique.so"));
  void* other = opened("libunique2.so", RTLD_NOW | RTLD_LOCAL);
  say_number("second, in another local object", answer(other, "next2"));
  return 0;
}
