// See displaced_rtld.h.
#include "ldso/image/displaced_rtld.h"

#include "arch/native.h"

namespace ldseal {

bool is_ld_seal(const Module& module) {
  return module.soname != nullptr && equal(module.soname, Native::kLoaderName);
}

const char* displaced_path(TextBuffer<PATH_MAX>& buffer, const char* path) {
  buffer << path << ".distrib";
  return buffer.c_str();
}

const char* path_beside_interpreter(TextBuffer<PATH_MAX>& buffer, const char* interpreter) {
  std::string_view folder(interpreter == nullptr ? "" : interpreter);
  folder = folder.substr(0, folder.rfind('/') + 1);
  buffer << folder << Native::kGlibcRtld;
  return folder.empty() || buffer.overflowed() ? nullptr : buffer.c_str();
}

}  // namespace ldseal
