// Scripts and tests read these lines. A range is two addresses, its protection, its class, `sealed`
// or `left`, its object and, in parentheses, the reason why it is left.
#include "ldso/words/seal_text.h"

#include <linux/mman.h>

#include "ldso/seal/execute.h"
#include "ldso/seal/plt.h"
#include "ldso/seal/system_mappings.h"
#include "ldso/words/enum_texts.h"
#include "ldso/words/error_names.h"

namespace ldseal {
namespace {

// Texts are inside the rows: a pointer to one would be a relocation to apply at every start.
constexpr char kVerdicts[] =
    "\0"
    "class is off\0"
    "exempt\0"
    "a seccomp filter\0"
    "mutable\0"
    "unreadable\0"
    "changes at run time\0"
    "in another namespace\0"
    "its extents are not known\0"
    "not held: mseal succeeds and seals nothing\0"
    "mseal: ";
static_assert(has_text_for_each<Verdict>(kVerdicts));

constexpr char kMethods[] =
    "\0"
    "PROCMAP_QUERY\0"
    "/proc/self/maps\0"
    "madvise";
static_assert(has_text_for_each<SystemMappingsMethod>(kMethods));

constexpr char kDoubts[] =
    "known\0"
    "the kernel gave none\0"
    "it is not a kernel's vDSO\0"
    "it is no ELF image of this machine\0"
    "its extents are uncertain\0"
    "it is larger than any kernel's\0"
    "another mapping may touch it\0"
    "neither /proc nor madvise tells its extents";
static_assert(has_text_for_each<SystemMappingsDoubt>(kDoubts));

constexpr char kNothingSealed[] =
    "nothing to seal\0"
    "the policy is off\0"
    "exempt\0"
    "rr records the process\0"
    "valgrind runs the process\0"
    "not held: mseal succeeds and seals nothing\0"
    "a seccomp filter kills for mseal\0"
    "a seccomp filter kills for madvise or mremap\0"
    "a seccomp filter may kill for mseal";
static_assert(has_text_for_each<NothingSealed>(kNothingSealed));

constexpr char kSlotsLeft[] =
    "no PLT stub of a known shape\0"
    "the PLT stub has no room\0"
    "executable memory is refused: ";
static_assert(has_text_for_each<SlotsLeft>(kSlotsLeft));

void write_reason(TextWriter& out, Verdict verdict, uint64_t error_number) {
  if (verdict == Verdict::kSealed) return;
  out << " (" << text_at(kVerdicts, static_cast<size_t>(verdict));
  if (verdict == Verdict::kRefused) write_error_number(out, static_cast<int>(error_number));
  out << ')';
}

void write_range(TextWriter& out, const TraceLine& line) {
  auto verdict = static_cast<Verdict>(line.number[3]);
  uint64_t protection = line.number[2];
  out << "seal: ";
  out.hex_digits(line.number[0]) << '-';
  out.hex_digits(line.number[1]) << ' ';
  out << ((protection & PROT_READ) != 0 ? 'r' : '-') << ((protection & PROT_WRITE) != 0 ? 'w' : '-')
      << ((protection & PROT_EXEC) != 0 ? 'x' : '-') << ' ' << line.text[0];
  out << (verdict == Verdict::kSealed ? " sealed " : " left ") << line.text[1];
  write_reason(out, verdict, line.number[4]);
}

void write_slots(TextWriter& out, const TraceLine& line) {
  out << "seal: ";
  out.decimal(line.number[0]) << " of ";
  out.decimal(line.number[1]) << " call slots stay writable in " << line.text[0] << " ("
                              << text_at(kSlotsLeft, line.number[2]);
  if (static_cast<SlotsLeft>(line.number[2]) == SlotsLeft::kRefused)
    write_error_number(out, static_cast<int>(line.number[3]));
  out << ')';
}

void write_system(TextWriter& out, const TraceLine& line) {
  out << "vDSO and vvar: ";
  if (line.number[1] == 0) {
    out << "found by " << text_at(kMethods, line.number[0]);
  } else {
    out << "not sealed: " << text_at(kDoubts, line.number[1]);
  }
}

void write_sealed(TextWriter& out, const TraceLine& line) {
  uint64_t ranges = line.number[0], calls = line.number[1], error_number = line.number[2];
  out << "seal: ";
  if (calls != 0) {
    out.decimal(ranges) << " ranges sealed in ";
    out.decimal(calls) << " calls";
    if (error_number == 0) return;
    out << "; ";
  }
  out << "not sealed: ";
  if (error_number == 0) {
    out << text_at(kNothingSealed, line.number[3]);
    return;
  }
  out << "mseal: ";
  write_error_number(out, static_cast<int>(error_number));
}

void write_code_final(TextWriter& out, const TraceLine& line) {
  if (line.number[0] == 0) {
    out << "seal: code is final: nothing new becomes executable";
    return;
  }
  out << "seal: memory may become executable: PR_SET_MDWE: ";
  write_error_number(out, static_cast<int>(line.number[0]));
}

}  // namespace

const char* text_of_doubt(uint64_t doubt) { return text_at(kDoubts, doubt); }

void write_seal_line(TextWriter& out, const TraceLine& line) {
  if (line.event == Event::kSealRange) return write_range(out, line);
  if (line.event == Event::kCodeFinal) return write_code_final(out, line);
  if (line.event == Event::kSlotsLeft) return write_slots(out, line);
  if (line.event == Event::kSealSystem) return write_system(out, line);
  write_sealed(out, line);
}

}  // namespace ldseal
