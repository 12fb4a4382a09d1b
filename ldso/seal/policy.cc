// Parses the terms of policies and reads notes. Makes no system call.
#include "ldso/seal/policy.h"

#include "ldso/base/text.h"
#include "ldso/elf/notes.h"

namespace ldseal {
namespace {

struct ClassName {
  SealClass value;
  char name[8];
};

constexpr ClassName kClassNames[] = {
    {SealClass::kText, "text"},     {SealClass::kRelro, "relro"}, {SealClass::kSystem, "system"},
    {SealClass::kLoader, "loader"}, {SealClass::kData, "data"},   {SealClass::kDlopen, "dlopen"},
    {SealClass::kGuards, "guards"}, {SealClass::kWx, "wx"},       {SealClass::kStack, "stack"},
    {SealClass::kPlt, "plt"},
};

// Returns the class with this name in a policy; 0 if there is none.
uint32_t class_named(std::string_view name) {
  for (const ClassName& known : kClassNames) {
    if (known.value != SealClass::kGuards && name == known.name) return bit(known.value);
  }
  return 0;
}

// Only a note can be final, because it is part of the program.
enum class Source : uint8_t { kNote, kVariable };

// Returns false for an unknown term.
bool apply_word(Policy& policy, std::string_view word, Source source) {
  if (word == "final" && source == Source::kNote) {
    policy.is_final = true;
    return true;
  }
  if (word == "on") {
    policy.wanted = Policy::kDefault;
    return true;
  }
  if (word == "off") {
    policy.wanted = 0;
    policy.is_required = false;
    return true;
  }
  if (word == "require") {
    if (policy.wanted == 0) policy.wanted = Policy::kDefault;
    policy.is_required = true;
    return true;
  }
  bool adds = word.starts_with('+'), takes = word.starts_with('-');
  uint32_t named = adds || takes ? class_named(word.substr(1)) : 0;
  if (adds) policy.wanted |= named;
  if (takes) policy.wanted &= ~named;
  return named != 0;
}

}  // namespace

std::string_view name_of(SealClass c) {
  for (const ClassName& known : kClassNames) {
    if (known.value == c) return known.name;
  }
  return "";
}

namespace {

// <ldseal/policy.h>
constexpr char kPolicyOwner[] = "ldseal";
constexpr uint32_t kPolicyNote = 1;

std::string_view words_of(ByteView note) {
  std::string_view words(reinterpret_cast<const char*>(note.data()), note.size());
  return words.substr(0, words.find('\0'));
}

Status apply_words_of(Source source, Policy& policy, std::string_view words, const char* object,
                      const char* field, Arena& arena) {
  std::string_view word;
  while (split_next(words, ",", word)) {
    if (word.empty() || apply_word(policy, word, source)) continue;
    bool is_signed = word[0] == '+' || word[0] == '-';
    Error e = fault(is_signed ? Fault::kUnknownSealClass : Fault::kUnknownSealWord);
    e.object = object;
    e.field = field;
    e.name = arena.copy(word);
    return e;
  }
  return {};
}

}  // namespace

Status apply_words(Policy& policy, std::string_view words, const char* object, const char* field,
                   Arena& arena) {
  return apply_words_of(Source::kVariable, policy, words, object, field, arena);
}

std::string_view note_words(ProgramHeaders headers, const ImageView& image) {
  return words_of(find_note(headers, image, kPolicyOwner, kPolicyNote));
}

std::string_view note_words(ByteView notes, uint64_t alignment) {
  return words_of(find_note(notes, alignment, kPolicyOwner, kPolicyNote));
}

Status apply_note(Policy& policy, ProgramHeaders headers, const ImageView& image,
                  const char* program, Arena& arena) {
  constexpr uint32_t kMemorySeal = 3;  // GNU_PROPERTY_MEMORY_SEAL
  std::string_view words = note_words(headers, image);
  if (words.data() == nullptr) {
    bool asks = has_empty_property(headers, image, kMemorySeal);
    return asks ? apply_words(policy, "on", program, "GNU_PROPERTY_MEMORY_SEAL", arena) : Status();
  }
  Status applied = apply_words_of(Source::kNote, policy, words, program, ".note.ldseal", arena);
  if (policy.is_final) policy.final_classes = policy.wanted;
  return applied;
}

Status apply_variable(Policy& policy, const char* variable, Arena& arena) {
  if (variable == nullptr) return {};
  bool requires_for_good = policy.is_final && policy.is_required;
  Status applied = apply_words(policy, variable, "environment", "LDSEAL", arena);
  policy.wanted |= policy.final_classes;
  policy.is_required = policy.is_required || requires_for_good;
  return applied;
}

}  // namespace ldseal
