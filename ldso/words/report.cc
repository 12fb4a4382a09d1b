// Writes errors as lines to standard error.
#include "ldso/words/report.h"

#include "ldso/base/text.h"
#include "ldso/sys/kernel.h"
#include "ldso/words/held_output.h"

namespace ldseal {
namespace {

constexpr size_t kLongestLine = 8192;

using Write = void(std::string_view line);

void write_now(std::string_view line) { kernel::write(2, line); }
void write_or_hold_it(std::string_view line) { write_or_hold(2, line); }

void report_with(const char* before, const Error& error, const char* after, Write* write) {
  char buffer[kLongestLine + 1];
  TextWriter line(buffer, kLongestLine);
  line << before;
  write_error(line, error);
  line << after;
  size_t length = line.text().size();
  buffer[length] = '\n';  // kept free for it
  write({buffer, length + 1});
}

}  // namespace

void report(const Error& error) { report_with("ld-seal: ", error, "", write_now); }

void report_warning(const char* program, const Error& error) {
  TextBuffer<kLongestLine> before;
  before << program << ": ";
  report_with(before.c_str(), error, "", write_now);
}

void report_ignored(const Error& error) {
  report_with("ld-seal: ", error, " (ignored)", write_or_hold_it);
}

void fail(const Error& error) {
  release_output();
  report(error);
  kernel::exit(kernel::kCannotGoOn);
}

}  // namespace ldseal
