// Code in a namespace: exceptions, what it sees of objects, and what it opens.

#include <dlfcn.h>
#include <iconv.h>
#include <link.h>
#include <pwd.h>
#include <stdexcept>
#include <string.h>
#include <string>

namespace {

struct Cleanup {
  int& count;
  ~Cleanup() { ++count; }
};

[[gnu::noinline]] void fail(int depth, int& count) {
  Cleanup cleanup{count};
  if (depth == 0) throw std::runtime_error("thrown");
  fail(depth - 1, count);
}

int take_name(dl_phdr_info* info, size_t, void* names) {
  const char* slash = strrchr(info->dlpi_name, '/');
  *static_cast<std::string*>(names) += std::string(slash ? slash + 1 : info->dlpi_name) + " ";
  return 0;
}

std::string text;

}  // namespace

extern "C" {

const char* catch_one() {
  int count = 0;
  try {
    fail(3, count);
  } catch (const std::exception& e) {
    text = e.what() + std::string(" over ") + std::to_string(count);
  }
  return text.c_str();
}

const char* list() {
  text.clear();
  dl_iterate_phdr(take_name, &text);
  return text.c_str();
}

const char* open_missing() {
  text = dlopen("libnowhere.so", RTLD_NOW) ? "opened" : dlerror();
  return text.c_str();
}

const char* missing_symbol() {
  void* handle = dlopen("libm.so.6", RTLD_NOW);
  text = handle && dlsym(handle, "nowhere") ? "found" : dlerror();
  text = text.substr(text.rfind('/') + 1);
  if (handle) dlclose(handle);
  return text.c_str();
}

const char* compute() {
  void* handle = dlopen("libm.so.6", RTLD_NOW);
  auto floor_of = reinterpret_cast<double (*)(double)>(handle ? dlsym(handle, "floor") : nullptr);
  text = floor_of ? std::to_string(floor_of(4.5)) : "none";
  void* again = dlopen("libm.so.6", RTLD_NOW | RTLD_NOLOAD);
  text += again == handle ? " the same" : " another";
  if (again) dlclose(again);
  text += dlsym(RTLD_DEFAULT, "compute") ? " found" : " not found";
  return text.c_str();
}

const char* look_up() {
  passwd* root = getpwnam("root");
  text = root ? root->pw_name : "nobody";
  char from[] = "\xe9t\xe9", to[20] = "", *in = from, *out = to;
  size_t left = 3, room = sizeof to;
  iconv_t conversion = iconv_open("UTF-16LE", "ISO-8859-15");
  if (conversion != reinterpret_cast<iconv_t>(-1)) {
    iconv(conversion, &in, &left, &out, &room);
    iconv_close(conversion);
  }
  text += " " + std::to_string(out - to);
  return text.c_str();
}

// A handle of this namespace, for who asks from another.
void* open_math() { return dlopen("libm.so.6", RTLD_NOW); }

int call_back(int (*function)(int), int number) { return function(number) + 1; }
}
