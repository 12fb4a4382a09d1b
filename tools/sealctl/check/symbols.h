// The symbols that a program and its libraries refer to, looked up as the loader does it.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "ldso/base/error.h"
#include "ldso/image/graph.h"
#include "ldso/link/scope.h"

namespace sealctl::check {

class Symbols {
 public:
  // Adds an error for each symbol that an object of the graph refers to and none defines, and for a
  // relocation that the loader refuses. Errors: kSymbolMissing, kSymbolIndexOutside,
  // kUnknownRelocation. What they name lives as long as the objects.
  void find_missing(const ldseal::Graph& graph, ldseal::LibcRules rules, ldseal::Arena& scratch,
                    std::vector<ldseal::Error>& missing);

 private:
  using Key = std::pair<uint64_t, uint64_t>;  // device and inode
  using Files = std::set<Key>;

  bool is_known_to_be_complete(const ldseal::Module& object, const Files& present) const;

  // For an object that lacked nothing: the files that defined what it refers to. Where all of them
  // are present it lacks nothing either, whatever else is.
  std::map<Key, Files> providers_;
};

}  // namespace sealctl::check
