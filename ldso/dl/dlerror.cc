// The text stays until the thread's next call of dlerror.
#include "ldso/dl/dlerror.h"

#include "ldso/abi/exports.h"
#include "ldso/base/sentences.h"
#include "ldso/mem/heap.h"
#include "ldso/threads/threads.h"

namespace ldseal {
namespace {

constexpr size_t kLongestLine = 2048;

struct DlError {
  bool is_told;
  size_t capacity;  // of the text that follows
  char* text() { return reinterpret_cast<char*>(this + 1); }
};

void release(DlError* state) {
  if (state != nullptr) heap::release(state, sizeof(DlError) + state->capacity);
}

DlError* own_state() { return static_cast<DlError*>(thread_words().dlerror_state); }

}  // namespace

void set_dl_error_text(const char* text) {
  size_t capacity = text_length(text) + 1;
  auto* state = static_cast<DlError*>(heap::allocate(sizeof(DlError) + capacity));
  clear_dl_error();
  if (state == nullptr) return;
  state->capacity = capacity;
  __builtin_memcpy(state->text(), text, capacity);
  thread_words().dlerror_state = state;
  keep_until_thread_exit();
}

void set_dl_error(const Error& error) {
  TextBuffer<kLongestLine> line;
  write_error(line, error);
  set_dl_error_text(line.c_str());
}

void clear_dl_error() {
  release(own_state());
  thread_words().dlerror_state = nullptr;
}

void release_dlerror(void* state) { release(static_cast<DlError*>(state)); }

}  // namespace ldseal

using namespace ldseal;

const char* dlerror() {
  DlError* state = own_state();
  if (state == nullptr) return nullptr;
  if (state->is_told) {
    clear_dl_error();
    return nullptr;
  }
  state->is_told = true;
  return state->text();
}
