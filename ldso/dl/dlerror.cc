// See dlerror.h.
#include "ldso/dl/dlerror.h"

#include "ldso/base/trace.h"
#include "ldso/mem/heap.h"
#include "ldso/process/process.h"
#include "ldso/threads/threads.h"
#include "ldso/words/libc_words.h"
#include "ldso/words/sentences.h"

namespace ldseal {
namespace {

constexpr size_t kLongestLine = 2048;

// The text follows the struct.
struct DlError : ThreadMemory {
  bool is_reported;
  char* text() { return reinterpret_cast<char*>(this + 1); }
};

// What libc's words leave out, as who asked and where a library was looked for.
void trace_in_full(const Error& error) {
  if (!trace::on(Topic::kFiles)) return;
  TextBuffer<kLongestLine> line;
  write_error(line, error);
  trace::log(Topic::kFiles, {Event::kDlError, {line.c_str()}});
}

DlError* current_state() { return static_cast<DlError*>(thread_area().dlerror_state); }

}  // namespace

void set_dl_error_text(const char* text) {
  size_t length = text_length(text) + 1;
  auto* state = static_cast<DlError*>(heap.allocate(sizeof(DlError) + length));
  clear_dl_error();
  if (state == nullptr) return;
  state->size = sizeof(DlError) + length;
  __builtin_memcpy(state->text(), text, length);
  thread_area().dlerror_state = state;
  keep_until_thread_exit();
}

void set_dl_error(const Error& error) {
  trace_in_full(error);
  TextBuffer<kLongestLine> line;
  bool musl = process.runtime.family == LibcFamily::kMusl;
  musl ? write_as_musl(line, error) : write_as_glibc(line, error);
  set_dl_error_text(line.c_str());
}

void forget_dl_error_as_libc() {
  if (process.runtime.family != LibcFamily::kMusl) clear_dl_error();
}

void clear_dl_error() {
  DlError* state = current_state();
  if (state == nullptr) return;
  heap.release(state, state->size);
  thread_area().dlerror_state = nullptr;
}

DlErrorAside::DlErrorAside() : before_(thread_area().dlerror_state) {
  thread_area().dlerror_state = nullptr;
}

DlErrorAside::~DlErrorAside() {
  clear_dl_error();
  thread_area().dlerror_state = static_cast<ThreadMemory*>(before_);
}

const char* dl_error_text() {
  DlError* state = current_state();
  return state == nullptr ? nullptr : state->text();
}

const char* take_dl_error() {
  DlError* state = current_state();
  if (state == nullptr) return nullptr;
  if (state->is_reported) {
    clear_dl_error();
    return nullptr;
  }
  state->is_reported = true;
  return state->text();
}

}  // namespace ldseal
