// Scripts and tests read these lines: once the maker of guards and the reason; then, for each guard
// of ld-seal, two addresses and its kind.
#include "ldso/words/thread_text.h"

#include "ldso/threads/stack_guards.h"
#include "ldso/words/enum_texts.h"

namespace ldseal {
namespace {

// Texts are inside the rows: a pointer to one would be a relocation to apply at every start.
constexpr char kMakers[] =
    "\0"
    "in the page table\0"
    "separate mappings\0"
    "left to libc";
static_assert(has_text_for_each<GuardMaker>(kMakers));

constexpr char kReasons[] =
    "\0"
    "LDSEAL_GUARD=off\0"
    "LDSEAL_GUARD=prot\0"
    "exempt\0"
    "MADV_GUARD_INSTALL has no effect\0"
    "thread-local storage is aligned to more than a page\0"
    "stack tops are not at a constant distance from the thread pointer";
static_assert(has_text_for_each<GuardReason>(kReasons));

constexpr char kKinds[] =
    "left to libc\0"
    "not placed\0"
    "in the page table\0"
    "a separate mapping\0"
    "not possible";
static_assert(has_text_for_each<GuardKind>(kKinds));

}  // namespace

void write_thread_line(TextWriter& out, const TraceLine& line) {
  if (line.event == Event::kGuardMaker) {
    out << "threads: guards are " << text_at(kMakers, line.number[0]);
    if (line.number[1] != 0) out << " (" << text_at(kReasons, line.number[1]) << ')';
    return;
  }
  out << "threads: guard ";
  out.hex_digits(line.number[0]) << '-';
  out.hex_digits(line.number[1]) << ' ' << text_at(kKinds, line.number[2]);
}

}  // namespace ldseal
