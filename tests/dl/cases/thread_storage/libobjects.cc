// A thread_local object that says when it is constructed and when it is destroyed.

#include <string>

#include "observe.h"

struct Announced {
  std::string text;

  Announced() : text("a text too long to be kept inside the object itself") { say("constructed"); }

  ~Announced() { say_number("destroyed with", text.size()); }
};

thread_local Announced announced;

extern "C" int use() {
  announced.text += '!';
  return announced.text.size();
}
