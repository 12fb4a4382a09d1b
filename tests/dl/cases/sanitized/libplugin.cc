// A plugin with TLS and a function that throws.

#include <stdexcept>
#include <string>
#include <vector>

static thread_local int count[1000] = {50};

extern "C" int next() { return ++count[0]; }

extern "C" int throws() {
  std::vector<std::string> texts(100, "a text too long to be kept inside the object itself");
  if (count[0] > 50) throw std::runtime_error(texts[50].substr(0, 6));
  return 0;
}
