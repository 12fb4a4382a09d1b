"""C++ over several modules: exceptions, types, threads, streams. glibc only: Debian has no C++ library for musl."""

from workshop.recipe import Library, Recipe


def _cplusplus(name, program, *libraries, **choices):
    return Recipe(name, program, libraries, language="c++", **{"libcs": ("glibc",), **choices})


def _library(name, source, language="c++", **choices):
    return Library(name, source, language=language, **choices)


_SHAPES = """
struct Shape {
  virtual ~Shape();
  virtual int corners() const = 0;
};
struct Square : Shape {
  int corners() const override;
};
struct Trouble {
  int number;
  explicit Trouble(int its_number) : number(its_number) {}
  virtual ~Trouble();
};
Shape *make_square();
void throw_trouble(int number);
int call_back(int (*function)(int), int argument);
"""
_SHAPES_LIBRARY = _SHAPES + """
#include <stdexcept>
Shape::~Shape() = default;
int Square::corners() const { return 4; }
Trouble::~Trouble() = default;
Shape *make_square() { return new Square; }
void throw_trouble(int number) { throw Trouble(number); }
int call_back(int (*function)(int), int argument) {
  try { return function(argument); }
  catch (const std::runtime_error &) { return -1; }
}
"""

_EXCEPTIONS = _cplusplus("exceptions cross modules in both directions", _SHAPES + """
#include <iostream>
#include <stdexcept>
static int throws(int argument) {
  if (argument > 1) throw std::runtime_error("from the program");
  return argument;
}
int main() {
  try { throw_trouble(17); } catch (const Trouble &trouble) { std::cout << "caught " << trouble.number << std::endl; }
  std::cout << "back " << call_back(throws, 1) << ' ' << call_back(throws, 2) << std::endl;
  try { std::string("short").at(99); } catch (const std::out_of_range &) { std::cout << "out of range" << std::endl; }
  return 0;
}
""", _library("shapes", _SHAPES_LIBRARY), compilers=("gcc", "clang"), linkers=("gnu", "lld"),
    shows=("caught 17", "back 1 -1", "out of range"))

_THROUGH_C = _cplusplus("an exception passes through frames of a C library", """
#include <cstdio>
#include <cstdlib>
extern "C" int pass(int (*function)(int), int argument);
struct Announced { ~Announced() { std::puts("unwound"); } };
static int throws(int argument) { Announced announced; if (argument) throw argument; return 0; }
int main() {
  try { pass(throws, 6); } catch (int number) { std::printf("caught %d\\n", number); }
  return 0;
}
""", _library("pass", "int pass(int (*function)(int), int argument) { return function(argument) + 1; }\n",
              language="c", compile=("-fexceptions",)), shows=("unwound", "caught 6"))

_UNCAUGHT = _cplusplus("an exception that nobody catches ends the program by SIGABRT", """
#include <cstdio>
int main() { std::puts("before"); std::fflush(stdout); throw 5; }
""", status=-6, shows=("before",), machines=("x86_64",))

_TYPES = _cplusplus("a type is the same in two modules", _SHAPES + """
#include <iostream>
#include <typeinfo>
int main() {
  Shape *shape = make_square();
  std::cout << "corners " << shape->corners() << std::endl;
  std::cout << "cast " << (dynamic_cast<Square *>(shape) ? "yes" : "NO") << std::endl;
  std::cout << "type " << (typeid(*shape) == typeid(Square) ? "yes" : "NO") << std::endl;
  delete shape;
  return 0;
}
""", _library("shapes", _SHAPES_LIBRARY), shows=("corners 4", "cast yes", "type yes"))

_THREAD_LOCAL = _cplusplus("thread_local objects are constructed and destroyed in each thread", """
#include <cstdio>
#include <thread>
struct Announced {
  int number = 0;
  ~Announced() { std::printf("destroyed with %d\\n", number); }
};
thread_local Announced own;
int &in_library();
int main() {
  own.number = 1;
  for (int n = 2; n < 4; ++n)
    std::thread([n] { own.number = n; std::printf("library %d\\n", in_library() += n); }).join();
  std::printf("main's %d, library's %d\\n", own.number, in_library());
  return 0;
}
""", _library("local", """
#include <cstdio>
struct Counted {
  int number = 100;
  ~Counted() { std::printf("library's destroyed with %d\\n", number); }
};
static thread_local Counted counted;
int &in_library() { return counted.number; }
"""), link=("-pthread",), linkers=("gnu", "lld"), shows=("library 102", "main's 1, library's 100"))

_STD_THREADS = _cplusplus("std::thread, mutex, condition_variable, call_once and future work", """
#include <condition_variable>
#include <future>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>
int main() {
  std::mutex lock;
  std::condition_variable changed;
  std::once_flag once;
  int started = 0, total = 0;
  std::vector<std::thread> threads;
  for (int n = 1; n <= 4; ++n)
    threads.emplace_back([&, n] {
      std::call_once(once, [&] { total = 1000; });
      std::unique_lock<std::mutex> held(lock);
      total += n;
      ++started;
      changed.notify_all();
    });
  {
    std::unique_lock<std::mutex> held(lock);
    changed.wait(held, [&] { return started == 4; });
  }
  for (auto &thread : threads) thread.join();
  std::cout << "total " << total << std::endl;
  std::cout << "future " << std::async(std::launch::async, [] { return 12; }).get() << std::endl;
  return 0;
}
""", link=("-pthread",), shows=("total 1010", "future 12"))

_EXCEPTION_IN_THREAD = _cplusplus("an exception in a thread reaches main by a future", """
#include <future>
#include <iostream>
#include <stdexcept>
int main() {
  auto result = std::async(std::launch::async, []() -> int { throw std::logic_error("carried over"); });
  try { result.get(); } catch (const std::exception &exception) { std::cout << exception.what() << std::endl; }
  return 0;
}
""", link=("-pthread",), shows=("carried over",))

_STREAMS = _cplusplus("streams, strings, containers and regular expressions work", """
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <regex>
#include <sstream>
int main() {
  std::map<std::string, int> counts;
  std::string word, text = "a b a c b a";
  for (std::istringstream words(text); words >> word;) ++counts[word];
  for (auto &[name, count] : counts) std::cout << name << '=' << count << ' ';
  std::cout << std::setprecision(3) << 3.14159 << ' ' << std::hex << 255 << '\\n';
  std::cout << std::regex_replace(text, std::regex("a (.)"), "$1") << '\\n';
  return 0;
}
""", compile=("-std=c++17",), shows=("a=3 b=2 c=1 3.14 ff",), page_sizes=())

_INLINE = _cplusplus("an inline variable and a function's static are one over the program and a library", """
#include <iostream>
inline int shared = 10;
inline int &counter() { static int count = 20; return count; }
int *library_shared();
int *library_counter();
int main() {
  std::cout << "variable " << (library_shared() == &shared ? "yes" : "NO") << std::endl;
  std::cout << "static " << (library_counter() == &counter() ? "yes" : "NO") << std::endl;
  ++*library_counter();
  std::cout << counter() << std::endl;
  return 0;
}
""", _library("inline", """
inline int shared = 10;
inline int &counter() { static int count = 20; return count; }
int *library_shared() { return &shared; }
int *library_counter() { return &counter(); }
"""), compilers=("gcc", "clang"), linkers=("gnu", "lld"), compile=("-std=c++17",), shows=("21",))

_NEW = _cplusplus("the program's operator new is the library's and the C++ library's too", """
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
static int count;
void *operator new(std::size_t size) { ++count; return std::malloc(size); }
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
int *made_in_library();
int main() {
  int before = count;
  delete made_in_library();
  std::printf("library %d\\n", count - before);
  before = count;
  std::string text("long enough not to be kept inside the object itself");
  text += " and longer";
  std::printf("C++ library %d\\n", count - before);
  return 0;
}
""", _library("makes", "int *made_in_library() { return new int(3); }\n"), shows=("library 1",))

RECIPES = [_EXCEPTIONS, _THROUGH_C, _UNCAUGHT, _TYPES, _THREAD_LOCAL, _STD_THREADS, _EXCEPTION_IN_THREAD, _STREAMS,
           _INLINE, _NEW]
