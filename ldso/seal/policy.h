// Which classes may be sealed. The sources, in order: the built-in default, the program's note,
// LDSEAL, a supervisor's exemptions. Later ones win, but if the note says `final`, they can only
// add to it.
#pragma once

#include <ldseal/classes.h>
#include <span>
#include <string_view>

#include "ldso/base/arena.h"
#include "ldso/base/bytes.h"
#include "ldso/base/result.h"
#include "ldso/elf/image_view.h"

namespace ldseal {

enum class SealClass : uint32_t {
  kText = LDSEAL_CLASS_TEXT,
  kRelro = LDSEAL_CLASS_RELRO,
  kSystem = LDSEAL_CLASS_SYSTEM,
  kLoader = LDSEAL_CLASS_LOADER,
  kData = LDSEAL_CLASS_DATA,
  kDlopen = LDSEAL_CLASS_DLOPEN,
  kGuards = LDSEAL_CLASS_GUARDS,
  kWx = LDSEAL_CLASS_WX,
  kStack = LDSEAL_CLASS_STACK,
  kPlt = LDSEAL_CLASS_PLT,
};

constexpr uint32_t bit(SealClass c) { return static_cast<uint32_t>(c); }

// "text", "relro", …
std::string_view name_of(SealClass c);

// What a seccomp(2) filter does for mseal(2): seal/filter.h.
enum class SealFilter : uint8_t {
  kNone,      // no filter is in force
  kHarmless,  // it lets the call pass, or answers it
  kKills,
  kKillsForMore,  // and for madvise(2) or mremap(2)
  kNotAsked,      // a filter is in force, and no child could be made to ask it
};

struct Policy {
  static constexpr uint32_t kDefault = LDSEAL_CLASS_TEXT | LDSEAL_CLASS_RELRO |
                                       LDSEAL_CLASS_SYSTEM | LDSEAL_CLASS_LOADER | LDSEAL_CLASS_PLT;
  static constexpr uint32_t kWithoutSeals = LDSEAL_CLASS_GUARDS | LDSEAL_CLASS_WX;

  uint32_t wanted = kDefault;  // LDSEAL_CLASS_…
  uint32_t exempt = 0;         // exempted by a supervisor
  uint32_t final_classes = 0;  // the wanted classes that a final note protects
  bool is_final = false;       // the note says `final`
  bool is_required = false;    // the program does not start if a wanted class cannot be sealed
  bool is_recorded = false;    // rr records the process: everything is exempt
  bool is_simulated = false;   // valgrind runs the process: everything is exempt
  SealFilter filter = SealFilter::kNone;
  uint64_t filters = 0;  // in force at start-up; 0: none, or not known

  uint32_t exempt_classes() const { return exempt & ~final_classes; }
  bool is_filtered_out() const {
    return filter != SealFilter::kNone && filter != SealFilter::kHarmless;
  }
  bool wants_seals() const { return (wanted & ~exempt_classes() & ~kWithoutSeals) != 0; }
  uint32_t possible_classes() const { return is_filtered_out() ? kWithoutSeals : ~uint32_t{0}; }
  bool seals(SealClass c) const { return (sealed_classes() & bit(c)) != 0; }
  bool seals_anything() const { return sealed_classes() != 0; }
  uint32_t sealed_classes() const { return wanted & ~exempt_classes() & possible_classes(); }
};

// Applies a list of terms: off, on, require, +CLASS, -CLASS. Errors (kUnknownSealWord,
// kUnknownSealClass) name `object` and `field` as the source; `arena` keeps the term that they
// name.
//   on       the built-in classes
//   off      nothing, and nothing is required
//   require  all wanted classes must be sealed; if none is wanted, the built-in classes are
Status apply_words(Policy& policy, std::string_view words, const char* object, const char* field,
                   Arena& arena);

// The words of an object's note (<ldseal/policy.h>). Without data: it has none.
std::string_view note_words(ProgramHeaders headers, const ImageView& image);
// The same for the notes of one segment (elf/notes.h).
std::string_view note_words(ByteView notes, uint64_t alignment);

// Applies the program's note, or else its GNU_PROPERTY_MEMORY_SEAL, which means `on`. A note may
// also contain `final`, at any position.
Status apply_note(Policy& policy, ProgramHeaders headers, const ImageView& image,
                  const char* program, Arena& arena);

// Applies LDSEAL, whose value `variable` may be null. It takes away nothing that a final note
// wants.
Status apply_variable(Policy& policy, const char* variable, Arena& arena);

}  // namespace ldseal
