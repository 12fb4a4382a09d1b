// A client request (valgrind manual, "The Client Request mechanism"): valgrind, which translates the
// program, knows these instructions; for any other processor they do nothing.
#pragma once

#include <cstdint>

namespace ldseal {

// 0 where nobody answers.
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
