// A client request (valgrind manual, "The Client Request mechanism"). valgrind translates the
// program and recognises these instructions; a processor does nothing at them.
#pragma once

#include <cstdint>

namespace ldseal {

// Returns 0 if valgrind does not run the program.
inline uint64_t ask_valgrind(uint64_t request) {
  uint64_t words[6] = {request};
  register uint64_t answer asm("x3") = 0;
  register uint64_t* asked asm("x4") = words;
  asm volatile(
      "ror x12, x12, #3\n\tror x12, x12, #13\n\tror x12, x12, #51\n\tror x12, x12, #61\n\t"
      "orr x10, x10, x10"
      : "+r"(answer)
      : "r"(asked)
      : "cc", "memory");
  return answer;
}

}  // namespace ldseal
