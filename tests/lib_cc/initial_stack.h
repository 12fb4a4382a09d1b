// A block of memory as the kernel leaves it on a new process's stack: argc, argv, environment,
// auxiliary vector.
#pragma once

#include <deque>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "ldso/sys/process_stack.h"

namespace ldseal::testing_tools {

class InitialStack {
 public:
  using Auxiliary = std::vector<std::pair<uint64_t, uint64_t>>;

  InitialStack(const std::vector<std::string>& arguments,
               const std::vector<std::string>& environment, const Auxiliary& auxiliary = {}) {
    words_.push_back(arguments.size());
    add_texts(arguments);
    add_texts(environment);
    for (auto [type, value] : auxiliary) words_.push_back(type), words_.push_back(value);
    words_.push_back(AT_NULL), words_.push_back(0);
  }

  uintptr_t* start() { return words_.data(); }
  ProcessStack read() { return read_process_stack(start()); }

 private:
  void add_texts(const std::vector<std::string>& list) {
    for (const std::string& text : list) {
      words_.push_back(reinterpret_cast<uintptr_t>(texts_.emplace_back(text).data()));
    }
    words_.push_back(0);
  }

  std::deque<std::string> texts_;
  std::vector<uintptr_t> words_;
};

inline std::vector<std::string> texts_of(char** list) {
  std::vector<std::string> texts;
  for (; *list != nullptr; ++list) texts.emplace_back(*list);
  return texts;
}

}  // namespace ldseal::testing_tools
