// The directories that libc looks into by itself, behind all that objects and the environment name.
#pragma once

#include <string_view>

#include "ldso/base/arena.h"
#include "ldso/image/path_list.h"

namespace ldseal {

class SystemDirectories {
 public:
  // As a list (ListKind::kSystemPath). Lies in the arena, which is always the same.
  const char* list(LibcRules rules, Arena& arena);

  // With glibc: `path` without "." and ".." if that is one of the directories or below one, else
  // null. It is what must be opened: on the longer way the kernel would go through directories of
  // the caller's, and they can be links by then.
  const char* path_below(std::string_view path, Arena& arena);

 private:
  const char* musl_path(Arena& arena);

  const char* musl_path_ = nullptr;
};

}  // namespace ldseal
