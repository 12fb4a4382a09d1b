// A program in C++ beside an agent in C++: they share one C++ library.
#include <cstring>
#include <dlfcn.h>
#include <iostream>
#include <link.h>
#include <thread>

static int count_libraries(dl_phdr_info* info, size_t, void* count) {
  if (std::strstr(info->dlpi_name, "/libstdc++") != nullptr) ++*static_cast<int*>(count);
  return 0;
}

static void throw_and_catch() {
  try {
    throw 5;
  } catch (int number) {
    std::cout << "caught " << number << std::endl;
  }
}

int main() {
  int count = 0;
  dl_iterate_phdr(count_libraries, &count);
  std::cout << "C++ libraries: " << count << std::endl;
  std::thread(throw_and_catch).join();
  auto counter = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "agent_counter"));
  std::cout << "agent: " << (counter == nullptr ? -1 : counter()) << std::endl;
  return 0;
}
