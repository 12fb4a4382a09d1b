// The last close unmaps the object.

#include "opens.h"

int main(void) {
  void* handle = opened("libalone.so", RTLD_NOW);
  claim("one handle", opened("libalone.so", RTLD_NOW) == handle);
  closed(handle);
  claim("mapped after one close", is_mapped("libalone.so"));
  closed(handle);
  claim("not mapped after the other", !is_mapped("libalone.so"));
  claim("not there", dlopen("libalone.so", RTLD_NOW | RTLD_NOLOAD) == 0);
  return 0;
}
