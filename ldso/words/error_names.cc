// See error_names.h.
#include "ldso/words/error_names.h"

namespace ldseal {
namespace {

struct ErrorName {
  int number;
  char text[36];
};

constexpr ErrorName kErrorNames[] = {
    {1, "Operation not permitted"},
    {2, "No such file or directory"},
    {5, "Input/output error"},
    {7, "Argument list too long"},
    {9, "Bad file descriptor"},
    {12, "Cannot allocate memory"},
    {13, "Permission denied"},
    {14, "Bad address"},
    {17, "File exists"},
    {19, "No such device"},
    {20, "Not a directory"},
    {21, "Is a directory"},
    {22, "Invalid argument"},
    {23, "Too many open files in system"},
    {24, "Too many open files"},
    {36, "File name too long"},
    {38, "Function not implemented"},
    {40, "Too many levels of symbolic links"},
};

}  // namespace

void write_error_number(TextWriter& out, int number) {
  for (const ErrorName& name : kErrorNames) {
    if (name.number == number) {
      out << name.text;
      return;
    }
  }
  out << "error ";
  out.decimal(static_cast<uint64_t>(number));
}

}  // namespace ldseal
