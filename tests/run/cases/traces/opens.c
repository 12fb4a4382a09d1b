// Opens an object for itself, and one for all.
#include <dlfcn.h>

int main(void) {
  void* own = dlopen("libown.so", RTLD_NOW);
  void* global = dlopen("libglobal.so", RTLD_NOW | RTLD_GLOBAL);
  void* again = dlopen("libown.so", RTLD_NOW | RTLD_GLOBAL);
  return !own || !global || !again;
}
