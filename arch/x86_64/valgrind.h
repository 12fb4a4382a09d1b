// A client request (valgrind manual, "The Client Request mechanism"). valgrind translates the
// program and recognises these instructions; a processor does nothing at them.
#pragma once

#include <cstdint>

namespace ldseal {

// Returns 0 if valgrind does not run the program.
inline uint64_t ask_valgrind(uint64_t request) {
  uint64_t words[6] = {request};
  uint64_t answer = 0;
  asm volatile(
      "rolq $3, %%rdi\n\trolq $13, %%rdi\n\trolq $61, %%rdi\n\trolq $51, %%rdi\n\t"
      "xchgq %%rbx, %%rbx"
      : "+d"(answer)
      : "a"(words)
      : "cc", "memory");
  return answer;
}

}  // namespace ldseal
