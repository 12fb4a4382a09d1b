// Exceptions cross modules in both directions.

#include <iostream>
#include <stdexcept>

#include "shapes.h"

static int throws(int argument) {
  if (argument > 1) throw std::runtime_error("from the program");
  return argument;
}

int main() {
  try {
    throw_trouble(17);
  } catch (const Trouble& trouble) {
    std::cout << "caught " << trouble.number << std::endl;
  }
  std::cout << "back " << call_back(throws, 1) << ' ' << call_back(throws, 2) << std::endl;
  try {
    std::string("short").at(99);
  } catch (const std::out_of_range&) {
    std::cout << "out of range" << std::endl;
  }
  return 0;
}
