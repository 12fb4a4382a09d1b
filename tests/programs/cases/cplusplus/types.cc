// A type is the same in two modules.

#include <iostream>
#include <typeinfo>

#include "shapes.h"

int main() {
  Shape* shape = make_square();
  std::cout << "corners " << shape->corners() << std::endl;
  std::cout << "cast " << (dynamic_cast<Square*>(shape) ? "yes" : "NO") << std::endl;
  std::cout << "type " << (typeid(*shape) == typeid(Square) ? "yes" : "NO") << std::endl;
  delete shape;
  return 0;
}
