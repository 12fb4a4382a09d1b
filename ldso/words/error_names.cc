// See error_names.h.
#include "ldso/words/error_names.h"

namespace ldseal {
namespace {

constexpr unsigned char kNumbers[] = {1,  2,  5,  7,  9,  12, 13, 14, 17,
                                      19, 20, 21, 22, 23, 24, 36, 38, 40};

constexpr char kNames[] =
    "Operation not permitted\0"
    "No such file or directory\0"
    "Input/output error\0"
    "Argument list too long\0"
    "Bad file descriptor\0"
    "Cannot allocate memory\0"
    "Permission denied\0"
    "Bad address\0"
    "File exists\0"
    "No such device\0"
    "Not a directory\0"
    "Is a directory\0"
    "Invalid argument\0"
    "Too many open files in system\0"
    "Too many open files\0"
    "File name too long\0"
    "Function not implemented\0"
    "Too many levels of symbolic links";
static_assert(count_texts(kNames) == sizeof(kNumbers));

}  // namespace

void write_error_number(TextWriter& out, int number) {
  write_error_number_of(out, number, kNumbers, kNames);
}

}  // namespace ldseal
