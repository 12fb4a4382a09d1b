// Writes errors as lines to standard error.
#include "ldso/words/report.h"

#include "ldso/base/text.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

constexpr size_t kLongestLine = 8192;

void report_with(const char* before, const Error& error, const char* after) {
  char buffer[kLongestLine + 1];
  TextWriter line(buffer, kLongestLine);
  line << before;
  write_error(line, error);
  line << after;
  size_t length = line.text().size();
  buffer[length] = '\n';  // kept free for it
  kernel::write(2, {buffer, length + 1});
}

}  // namespace

void report(const Error& error) { report_with("ld-seal: ", error, ""); }

void report_warning(const char* program, const Error& error) {
  TextBuffer<kLongestLine> before;
  before << program << ": ";
  report_with(before.c_str(), error, "");
}

void report_ignored(const Error& error) { report_with("ld-seal: ", error, " (ignored)"); }

void fail(const Error& error) {
  report(error);
  kernel::exit(kernel::kCannotGoOn);
}

}  // namespace ldseal
