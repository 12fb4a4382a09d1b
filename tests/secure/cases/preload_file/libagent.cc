// An agent in C++: streams, an exception and a thread-local variable before main.
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

namespace {

std::map<std::string, int> seen;
thread_local int counter = 4;

struct Agent {
  Agent() {
    try {
      throw std::runtime_error("thrown");
    } catch (std::exception& e) {
      seen[e.what()] = counter;
    }
    std::cout << "agent has seen " << seen.size() << std::endl;
  }
} agent;

}  // namespace

extern "C" int agent_counter() { return ++counter; }
