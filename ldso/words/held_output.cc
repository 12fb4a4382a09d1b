// See held_output.h. Only start-up uses it, which is one thread.
#include "ldso/words/held_output.h"

#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

struct HeldText {
  int descriptor;
  std::string_view text;
};

constinit Arena* holder = nullptr;  // null: nothing is held
constinit List<HeldText> held;

}  // namespace

void hold_output(Arena& memory) { holder = &memory; }

void write_or_hold(int descriptor, std::string_view text) {
  if (holder == nullptr) {
    kernel::write(descriptor, text);
    return;
  }
  auto* copy = static_cast<char*>(holder->allocate(text.size(), 1));
  __builtin_memcpy(copy, text.data(), text.size());
  held.add(*holder, {descriptor, {copy, text.size()}});
}

void release_output() {
  for (const HeldText& one : held) kernel::write(one.descriptor, one.text);
  forget_output();
}

void forget_output() {
  holder = nullptr;
  held = {};
}

}  // namespace ldseal
