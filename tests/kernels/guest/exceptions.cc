// Exceptions through the frames of a library, with destructors on the way, and a type found by its name.
#include <iostream>
#include <stdexcept>
#include <string>

void call_back(void (*function)(int), int depth);

namespace {

int unwound = 0;

struct Counted {
  ~Counted() { ++unwound; }
};

struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void refuse(int depth) {
  Counted here;
  throw Refused("refused at depth " + std::to_string(depth));
}

}  // namespace

int main() {
  try {
    call_back(refuse, 3);
  } catch (const std::exception& error) {
    std::cout << error.what() << ", " << unwound << " unwound, "
              << (dynamic_cast<const Refused*>(&error) ? "its own type" : "another type")
              << std::endl;
  }
  try {
    std::stoi("many");
  } catch (const std::invalid_argument&) {
    std::cout << "thrown by the standard library" << std::endl;
  }
}
