// See secure_execution.h. Texts are stored inside the rows, not as pointers, because in a static
// program nothing is relocated yet.
#include "ldso/sys/secure_execution.h"

#include <asm/errno.h>
#include <linux/fcntl.h>

#include "ldso/base/text.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

// Every variable whose name has one of these prefixes.
constexpr char kPrefixes[][8] = {"LD_", "LDSEAL"};

// The list of glibc 2.43, sysdeps/generic/unsecvars.h, without the names that begin with "LD_".
constexpr char kNames[][24] = {
    "GCONV_PATH",       "GETCONF_DIR",
    "GLIBC_TUNABLES",   "HOSTALIASES",
    "LOCALDOMAIN",      "LOCPATH",
    "MALLOC_ARENA_MAX", "MALLOC_ARENA_TEST",
    "MALLOC_MMAP_MAX_", "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_PERTURB_",  "MALLOC_TOP_PAD_",
    "MALLOC_TRACE",     "MALLOC_TRIM_THRESHOLD_",
    "NIS_PATH",         "NLSPATH",
    "RESOLV_HOST_CONF", "RES_OPTIONS",
    "TMPDIR",           "TZDIR",
};

struct StandardDescriptor {
  char device[12];
  int access;
  uint64_t number;  // the device's st_rdev, stat(2)
};

constexpr uint64_t memory_device(uint64_t minor) { return uint64_t{1} << 8 | minor; }

constexpr StandardDescriptor kStandardDescriptors[] = {
    {"/dev/full", O_WRONLY, memory_device(7)},
    {"/dev/null", O_RDONLY, memory_device(3)},
    {"/dev/null", O_RDONLY, memory_device(3)},
};

Error unavailable(const StandardDescriptor& wanted, int descriptor, int error_number) {
  Error e = fault(Fault::kNoStandardDescriptor);
  e.object = wanted.device;
  e.found = static_cast<uint64_t>(descriptor);
  e.error_number = error_number;
  return e;
}

// open(2) returns the lowest free number. That is `descriptor`, because all below it are open by
// now.
Status open_missing(int descriptor) {
  const StandardDescriptor& wanted = kStandardDescriptors[descriptor];
  kernel::Answer opened = kernel::open_device(wanted.device, wanted.access);
  if (opened.failed()) return unavailable(wanted, descriptor, opened.error_number());
  kernel::FileStatus status;
  kernel::Answer known = kernel::status_of(descriptor, status);
  bool is_right = opened.value == descriptor && !known.failed() && status.is_character_device() &&
                  status.special_device == wanted.number;
  return is_right ? Status() : Status(unavailable(wanted, descriptor, ENXIO));
}

}  // namespace

bool is_unsecure_variable(const char* entry) {
  if (!contains(entry, '=')) return false;
  for (const auto& prefix : kPrefixes) {
    if (starts_with(entry, prefix)) return true;
  }
  for (const auto& name : kNames) {
    if (starts_with(entry, name) && entry[text_length(name)] == '=') return true;
  }
  return false;
}

Status open_standard_descriptors() {
  for (int descriptor = 0; descriptor < 3; ++descriptor) {
    if (kernel::descriptor_flags(descriptor).error_number() != EBADF) continue;
    if (Status s = open_missing(descriptor); !s) return s;
  }
  return {};
}

}  // namespace ldseal
