// Splits lists of directories and of objects; no other code does. What an empty part means is
// security: a wrong answer lets an attacker who chooses the current directory choose the code that
// a privileged program runs.
#pragma once

#include <cstdint>
#include <string_view>

#include "ldso/base/text.h"

namespace ldseal {

// The libc whose search rules apply. The program's PT_INTERP and DT_NEEDED decide it once.
enum class LibcRules : uint8_t { kGlibc, kMusl };

enum class ListKind : uint8_t {
  kRunPath,      // DT_RPATH and DT_RUNPATH
  kLibraryPath,  // LD_LIBRARY_PATH and --library-path
  kSystemPath,   // the system's directories, and musl's file of them
  kPreloads,     // LD_PRELOAD and --preload: objects, not directories
  kPreloadFile,  // /etc/ld.so.preload: the same
};

class PathList {
 public:
  PathList(LibcRules rules, ListKind kind, const char* text)
      : separators_(separators(rules, kind)),
        empty_is_current_directory_(rules == LibcRules::kGlibc && kind != ListKind::kPreloads &&
                                    kind != ListKind::kPreloadFile) {
    // In neither libc does an empty text have a part.
    if (text != nullptr && *text != '\0') rest_ = text;
  }

  // ld.so(8): an empty part means the current directory. musl ignores it.
  bool next(std::string_view& piece) {
    while (split_next(rest_, separators_, piece)) {
      if (!piece.empty() || empty_is_current_directory_) return true;
    }
    return false;
  }

 private:
  static std::string_view separators(LibcRules rules, ListKind kind) {
    bool musl = rules == LibcRules::kMusl;
    if (kind == ListKind::kPreloadFile) return ": \t\n";
    if (kind == ListKind::kPreloads) return musl ? " \t\n\v\f\r:" : " :";
    if (musl) return ":\n";
    return kind == ListKind::kLibraryPath ? ":;" : ":";
  }

  std::string_view separators_;
  std::string_view rest_;
  bool empty_is_current_directory_;
};

}  // namespace ldseal
