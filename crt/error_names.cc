// The texts of the errno values that a static program can report: open(2) of the trace's file and
// of /dev/null, mmap(2), mprotect(2) and mseal(2) return them. Each text takes room in the program.
#include "ldso/words/error_names.h"

#include <cerrno>

namespace ldseal {
namespace {

constexpr unsigned char kNumbers[] = {EPERM,  ENOENT, ENOMEM, EACCES,
                                      EINVAL, ENFILE, EMFILE, ENOSYS};

constexpr char kNames[] =
    "Operation not permitted\0"
    "No such file or directory\0"
    "Cannot allocate memory\0"
    "Permission denied\0"
    "Invalid argument\0"
    "Too many open files in system\0"
    "Too many open files\0"
    "Function not implemented";
static_assert(count_texts(kNames) == sizeof(kNumbers));

}  // namespace

void write_error_number(TextWriter& out, int number) {
  write_error_number_of(out, number, kNumbers, kNames);
}

}  // namespace ldseal
