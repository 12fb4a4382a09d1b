// See libc_version.h.
#include "ldso/process/libc_version.h"

#include "ldso/base/lifetime.h"
#include "ldso/process/process.h"

namespace ldseal {
namespace {

LDSEAL_RECORD constinit LibcFunction libcs_version;

unsigned number_in(const char*& text) {
  unsigned number = 0;
  for (; *text >= '0' && *text <= '9'; ++text)
    number = number * 10 + static_cast<unsigned>(*text - '0');
  return number;
}

}  // namespace

bool is_glibc_since(unsigned minor) {
  constexpr unsigned kMajor = 2;
  auto* version = libcs_version.find<const char*()>("gnu_get_libc_version");
  if (version == nullptr) return false;
  const char* text = version();
  unsigned major = number_in(text);
  if (*text == '.') ++text;
  return major > kMajor || (major == kMajor && number_in(text) >= minor);
}

}  // namespace ldseal
