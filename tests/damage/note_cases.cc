// A program's note of its policy (<ldseal/policy.h>) that says what nobody knows. Libraries have no say.
#include "tests/damage/damage_case.h"
#include "tests/lib_cc/note_image.h"

namespace ldseal::damage {
namespace {

using testing_tools::bytes_of;
using testing_tools::note;

constexpr uint64_t kFirstWord = 20;  // of the note: no relocation has to do with it
constexpr uint32_t kPolicyNote = 1;

// The note, in the place of a header that nothing depends on.
void add_note(ElfImage& e, const std::string& words) {
  std::vector<unsigned char> bytes = note("ldseal", kPolicyNote, bytes_of(words + '\0'));
  uint64_t address = e.word_address(kFirstWord);
  uint64_t offset = address - e.data().p_vaddr + e.data().p_offset;
  std::copy(bytes.begin(), bytes.end(), e.bytes.begin() + static_cast<ptrdiff_t>(offset));
  e.segment(PT_GNU_STACK) = {PT_NOTE, PF_R,         offset,       address,
                             address, bytes.size(), bytes.size(), 4};
}

DamageCase noted(const char* name, const char* words, Fault f, const char* unknown) {
  return {name, Stage::kLink,
          [=](ElfImage& e) {
            add_note(e, words);
            Error expected = fault(f);
            expected.field = ".note.ldseal";
            expected.name = unknown;
            return expected;
          },
          [](ObjectSpec& s) { s.data_words = 40; }, ModuleKind::kProgram};
}

}  // namespace

const std::vector<DamageCase>& note_cases() {
  static const std::vector<DamageCase> cases = {
      noted("PolicyHasAnUnknownWord", "on,perhaps", Fault::kUnknownSealWord, "perhaps"),
      noted("PolicyHasAnUnknownClass", "require,+heap", Fault::kUnknownSealClass, "+heap"),
      noted("PolicyNamesTheClassOfTheHatch", "-guards", Fault::kUnknownSealClass, "-guards"),
  };
  return cases;
}

}  // namespace ldseal::damage
