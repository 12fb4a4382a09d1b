// What may be sealed. Later wins: the built-in default, the program's own word, LDSEAL, and what a
// supervisor exempts. Where the program's note says `final`, the later ones add to its word and take
// nothing away.
#pragma once

#include <ldseal/classes.h>
#include <span>
#include <string_view>

#include "ldso/base/arena.h"
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
};

constexpr uint32_t bit(SealClass c) { return static_cast<uint32_t>(c); }

// "text", "relro", …
std::string_view name_of(SealClass c);

struct Policy {
  static constexpr uint32_t kDefault =
      LDSEAL_CLASS_TEXT | LDSEAL_CLASS_RELRO | LDSEAL_CLASS_SYSTEM | LDSEAL_CLASS_LOADER;

  uint32_t wanted = kDefault;  // LDSEAL_CLASS_…
  uint32_t exempt = 0;         // by a supervisor
  uint32_t final_classes = 0;  // of those wanted: what the program's note says for good
  bool is_final = false;       // the note says `final`
  bool is_required = false;   // what is wanted and cannot be sealed keeps the program from starting
  bool is_recorded = false;   // rr supervises: everything is exempt
  bool is_simulated = false;  // valgrind runs the program: everything is exempt

  uint32_t exempt_classes() const { return exempt & ~final_classes; }
  bool seals(SealClass c) const { return (wanted & ~exempt_classes() & bit(c)) != 0; }
  bool seals_anything() const { return (wanted & ~exempt_classes()) != 0; }
};

// Applies a list of words: off, on, require, +CLASS, -CLASS. `object` and `field` say in errors
// where the words are from, `arena` keeps a word that an error names.
//   on       the built-in classes
//   off      nothing, and nothing is required
//   require  what is wanted must be sealed; where nothing was wanted, the built-in classes are
Status apply_words(Policy& policy, std::string_view words, const char* object, const char* field,
                   Arena& arena);

// Applies the program's own word: the note of <ldseal/policy.h>, else GNU_PROPERTY_MEMORY_SEAL,
// which means `on`. A note may say `final`, too, which may stand anywhere among its words.
Status apply_note(Policy& policy, ProgramHeaders headers, const ImageView& image,
                  const char* program, Arena& arena);

// Applies LDSEAL, which is the later word: what a final note says stays. `variable` may be null.
Status apply_variable(Policy& policy, const char* variable, Arena& arena);

}  // namespace ldseal
