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
// One behind the other, and an empty one at the end.
constexpr char kNames[] =
    "GCONV_PATH\0"
    "GETCONF_DIR\0"
    "GLIBC_TUNABLES\0"
    "HOSTALIASES\0"
    "LOCALDOMAIN\0"
    "LOCPATH\0"
    "MALLOC_ARENA_MAX\0"
    "MALLOC_ARENA_TEST\0"
    "MALLOC_MMAP_MAX_\0"
    "MALLOC_MMAP_THRESHOLD_\0"
    "MALLOC_PERTURB_\0"
    "MALLOC_TOP_PAD_\0"
    "MALLOC_TRACE\0"
    "MALLOC_TRIM_THRESHOLD_\0"
    "NIS_PATH\0"
    "NLSPATH\0"
    "RESOLV_HOST_CONF\0"
    "RES_OPTIONS\0"
    "TMPDIR\0"
    "TZDIR\0";

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
  for (const char* name = kNames; *name != '\0'; name += text_length(name) + 1) {
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
