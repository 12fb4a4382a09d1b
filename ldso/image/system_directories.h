// The directories that libc always searches, after all that objects and the environment name.
#pragma once

#include <string_view>

#include "ldso/base/arena.h"
#include "ldso/image/path_list.h"

namespace ldseal {

class SystemDirectories {
 public:
  // Returns them as a list (ListKind::kSystemPath). It lies in `arena`, which must always be the
  // same one.
  const char* list(LibcRules rules, Arena& arena);

  // glibc only. Returns `path` without "." and ".." if it is one of the directories or lies below
  // one; else null. Open the result, not `path`: a component before ".." may be a directory of the
  // caller's, which the caller can replace with a link.
  const char* path_below(std::string_view path, Arena& arena);

 private:
  const char* musl_path(Arena& arena);

  const char* musl_path_ = nullptr;
};

}  // namespace ldseal
