// Static objects that say when they are constructed and destroyed. NAME is the text that names this
// module, and USE its function.

#include "observe.h"

namespace {
struct Announced {
  const char* name;

  explicit Announced(const char* its_name) : name(its_name) { say_text("constructed", name); }

  ~Announced() { say_text("destroyed", name); }
};

Announced first(NAME " first"), second(NAME " second");
}  // namespace

extern "C" void USE() {
  static Announced inside(NAME " inside a function");
  say("used " NAME);
}

#ifdef PROGRAM
extern "C" void use_lower(), use_upper();

int main() {
  use_program();
  use_lower();
  use_upper();
  return 0;
}
#endif
