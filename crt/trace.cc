// See trace.h. There is one topic, and only seal_text.cc has sentences.
#include "crt/trace.h"

#include "ldso/base/trace.h"
#include "ldso/words/seal_text.h"
#include "ldso/words/trace_output.h"

namespace ldseal {
namespace {

void write_line(Topic, const TraceLine& line) {
  TextBuffer<kLongestTraceLine> out;
  begin_trace_line(out);
  write_seal_line(out, line);
  end_trace_line(out);
}

}  // namespace

void add_seal_trace(const char* words) {
  if (words == nullptr) return;
  std::string_view rest = words, word;
  while (split_next(rest, " ,:", word)) {
    if (word == "seal" || word == "all")
      trace::enabled_topics = static_cast<uint32_t>(Topic::kSeal);
  }
}

Status start_seal_trace(const char* output) {
  if (!trace::on(Topic::kSeal)) return {};
  trace::sink = write_line;
  return open_trace(output);
}

}  // namespace ldseal
