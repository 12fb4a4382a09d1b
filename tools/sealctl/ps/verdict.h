// Judges a process: is it sealed, and why not.
#pragma once

#include <string_view>

#include "tools/sealctl/ps/proc_folder.h"
#include "tools/sealctl/ps/process.h"

namespace sealctl::ps {

// Sets the verdict, the reasons and, for programs without a loader, the loader. What the mappings
// leave open is read from the executable and the environment.
void judge(const ProcFolder& folder, Process& process);

// The word for a reason in JSON, and what can be done about it.
struct Remedy {
  std::string_view word;
  std::string_view what_to_do;
};
const Remedy& remedy_for(Why why);

std::string_view word_for(Verdict verdict);
std::string_view word_for(Loader loader);

}  // namespace sealctl::ps
