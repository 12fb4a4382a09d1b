// See trace_output.h. Each line is one write(2).
#include "ldso/words/trace_output.h"

#include "ldso/base/lifetime.h"
#include "ldso/sys/kernel.h"
#include "ldso/words/held_output.h"

namespace ldseal {
namespace {

constexpr int kStandardError = 2;

LDSEAL_FINAL int output_file = 0;  // open_trace sets both
LDSEAL_FINAL uint64_t process_number = 0;

}  // namespace

Status open_trace(const char* output) {
  process_number = static_cast<uint64_t>(kernel::process_id().value);
  output_file = kStandardError;
  if (output == nullptr) return {};
  TextBuffer<1024> path;
  path << output << '.';
  path.decimal(process_number);
  kernel::Answer opened = kernel::open_to_append(path.c_str());
  if (opened.failed()) {
    Error e = fault(Fault::kCannotOpen);
    e.object = output;
    e.error_number = opened.error_number();
    return e;
  }
  output_file = static_cast<int>(opened.value);
  return {};
}

TextWriter& begin_trace_line(TextWriter& out) { return out.decimal(process_number, 10) << ":\t"; }

void end_trace_line(TextWriter& out) {
  out << '\n';
  kernel::write(output_file, out.text());
}

void end_line_of_both(TextWriter& out) {
  out << '\n';
  write_or_hold(output_file, out.text());
}

}  // namespace ldseal
