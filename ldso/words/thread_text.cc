// Scripts and tests read these lines: once the maker of guards and the reason; then, for each guard
// of ld-seal, two addresses and its kind.
#include "ldso/words/thread_text.h"

#include "ldso/threads/stack_guards.h"
#include "ldso/words/enum_texts.h"

namespace ldseal {
namespace {

// Texts are inside the rows: a pointer to one would be a relocation to apply at every start.
constexpr char kMakers[][28] = {"", "in the page table", "separate mappings", "left to libc"};
static_assert(has_text_for_each<GuardMaker>(kMakers));

constexpr char kReasons[][72] = {
    "",
    "LDSEAL_GUARD=off",
    "LDSEAL_GUARD=prot",
    "exempt",
    "MADV_GUARD_INSTALL has no effect",
    "thread-local storage is aligned to more than a page",
    "stack tops are not at a constant distance from the thread pointer",
};
static_assert(has_text_for_each<GuardReason>(kReasons));

constexpr char kKinds[][24] = {"left to libc", "not placed", "in the page table",
                               "a separate mapping", "not possible"};
static_assert(has_text_for_each<GuardKind>(kKinds));

}  // namespace

void write_thread_line(TextWriter& out, const TraceLine& line) {
  if (line.event == Event::kGuardMaker) {
    out << "threads: guards are " << kMakers[line.number[0]];
    if (line.number[1] != 0) out << " (" << kReasons[line.number[1]] << ')';
    return;
  }
  out << "threads: guard ";
  out.hex_digits(line.number[0]) << '-';
  out.hex_digits(line.number[1]) << ' ' << kKinds[line.number[2]];
}

}  // namespace ldseal
