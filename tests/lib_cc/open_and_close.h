// Objects of a made-up process that are open, for tests of what closing one leaves.
#pragma once

#include "ldso/dl/constructors.h"
#include "tests/lib_cc/made_up_process.h"

namespace ldseal::testing_tools {

inline std::vector<std::string> open_now() {
  std::vector<std::string> names;
  for (const Module* m : dlopened.modules) names.emplace_back(m->soname);
  return names;
}

// As a dlopen of "root" does that brings all of these, the last constructed first.
inline std::vector<Module*> open_constructed(MadeUpProcess& made_up,
                                             const std::vector<std::string>& names) {
  std::vector<Module*> modules = made_up.open(names);
  for (size_t i = modules.size(); i > 0; --i) construct_once(*modules[i - 1]);
  made_up.forget_calls();
  return modules;
}

}  // namespace ldseal::testing_tools
