// Words and notes, and what they come to together.
#include "ldso/seal/policy.h"

#include <gtest/gtest.h>
#include <ldseal/policy.h>
#include <link.h>

#include "tests/lib_cc/error_text.h"
#include "tests/lib_cc/heap_arena.h"
#include "tests/lib_cc/note_image.h"

// This test program's own note.
LDSEAL_POLICY("require,-system,+data");

namespace ldseal {
namespace {

using namespace testing_tools;

constexpr uint32_t kBuiltIn = LDSEAL_CLASS_TEXT | LDSEAL_CLASS_RELRO | LDSEAL_CLASS_SYSTEM |
                              LDSEAL_CLASS_LOADER | LDSEAL_CLASS_PLT;

// Applies words to the built-in policy.
struct Applied {
  explicit Applied(const std::string& words) { add(words); }
  void add(const std::string& words) {
    error = apply_words(policy, words, "somewhere", "FIELD", arena).error();
  }
  HeapArena arena;
  Policy policy;
  Error error;
};

uint32_t wanted_after(const std::string& words) {
  Applied applied(words);
  EXPECT_EQ(applied.error, Error{});
  return applied.policy.wanted;
}
bool required_after(const std::string& words) {
  Applied applied(words);
  EXPECT_EQ(applied.error, Error{});
  return applied.policy.is_required;
}

TEST(Policy, BuiltInSealsTextRelroSystemAndLoader) {
  EXPECT_EQ(Policy().wanted, kBuiltIn);
  EXPECT_FALSE(Policy().is_required);
  EXPECT_EQ(Policy().exempt, 0u);
}
TEST(Policy, SealsWhatIsWanted) {
  EXPECT_TRUE(Policy().seals(SealClass::kText));
  EXPECT_FALSE(Policy().seals(SealClass::kData));
}
TEST(Policy, DoesNotSealWhatIsExempt) {
  Policy policy;
  policy.exempt = LDSEAL_CLASS_TEXT;
  EXPECT_FALSE(policy.seals(SealClass::kText));
  EXPECT_TRUE(policy.seals(SealClass::kRelro));
}
TEST(Policy, SealsNothingOnceAllThatIsWantedIsExempt) {
  Policy policy;
  policy.exempt = kBuiltIn & ~LDSEAL_CLASS_LOADER;
  EXPECT_TRUE(policy.seals_anything());
  policy.exempt = kBuiltIn;
  EXPECT_FALSE(policy.seals_anything());
}

struct NamedClass {
  const char* name;
  SealClass value;
  uint32_t mask;
};
const NamedClass kClasses[] = {
    {"text", SealClass::kText, 1},     {"relro", SealClass::kRelro, 2},
    {"system", SealClass::kSystem, 4}, {"loader", SealClass::kLoader, 8},
    {"data", SealClass::kData, 16},    {"dlopen", SealClass::kDlopen, 32},
    {"plt", SealClass::kPlt, 128},
};

class ClassWord : public testing::TestWithParam<NamedClass> {};
INSTANTIATE_TEST_SUITE_P(Of, ClassWord, testing::ValuesIn(kClasses),
                         [](const auto& info) { return info.param.name; });

TEST_P(ClassWord, PlusAddsTheClassAlone) {
  EXPECT_EQ(wanted_after(std::string("off,+") + GetParam().name), GetParam().mask);
}
TEST_P(ClassWord, MinusTakesTheClassAlone) {
  std::string all = "+text,+relro,+system,+loader,+data,+dlopen,+plt,-";
  EXPECT_EQ(wanted_after(all + GetParam().name), (63 | 128) & ~GetParam().mask);
}
TEST_P(ClassWord, IsTheNameOfItsBit) {
  EXPECT_EQ(name_of(GetParam().value), GetParam().name);
  EXPECT_EQ(bit(GetParam().value), GetParam().mask);
}
TEST_P(ClassWord, IsNoWordWithoutASign) {
  EXPECT_EQ(Applied(GetParam().name).error.fault, Fault::kUnknownSealWord);
}

TEST(NameOf, GuardsHaveAName) { EXPECT_EQ(name_of(SealClass::kGuards), "guards"); }
TEST(NameOf, WhatIsNoClassHasNone) { EXPECT_EQ(name_of(static_cast<SealClass>(3)), ""); }

TEST(PolicyWords, OffSealsNothing) { EXPECT_EQ(wanted_after("off"), 0u); }
TEST(PolicyWords, OffRequiresNothing) { EXPECT_FALSE(required_after("require,off")); }
TEST(PolicyWords, OnSealsTheBuiltInClassesAgain) { EXPECT_EQ(wanted_after("off,on"), kBuiltIn); }
TEST(PolicyWords, OnTakesAwayWhatIsNotBuiltIn) { EXPECT_EQ(wanted_after("+data,on"), kBuiltIn); }
TEST(PolicyWords, OnLeavesWhatIsRequiredRequired) { EXPECT_TRUE(required_after("require,on")); }
TEST(PolicyWords, OnRequiresNothingByItself) { EXPECT_FALSE(required_after("on")); }
TEST(PolicyWords, RequireRequires) { EXPECT_TRUE(required_after("require")); }
TEST(PolicyWords, RequireKeepsTheClassesThatAreWanted) {
  EXPECT_EQ(wanted_after("-text,+data,require"),
            (kBuiltIn & ~LDSEAL_CLASS_TEXT) | LDSEAL_CLASS_DATA);
}
TEST(PolicyWords, RequireAfterOffWantsTheBuiltInClasses) {
  EXPECT_EQ(wanted_after("off,require"), kBuiltIn);
}
TEST(PolicyWords, AClassMayBeAddedTwiceAndTakenTwice) {
  EXPECT_EQ(wanted_after("+data,+data"), kBuiltIn | LDSEAL_CLASS_DATA);
  EXPECT_EQ(wanted_after("-text,-text"), kBuiltIn & ~LDSEAL_CLASS_TEXT);
}
TEST(PolicyWords, TheLaterWordWins) {
  EXPECT_EQ(wanted_after("-text,+text"), kBuiltIn);
  EXPECT_EQ(wanted_after("+data,-data"), kBuiltIn);
  EXPECT_EQ(wanted_after("+data,off"), 0u);
}
TEST(PolicyWords, TheLaterListWins) {
  Applied applied("off,+text");
  applied.add("+data");
  EXPECT_EQ(applied.policy.wanted, LDSEAL_CLASS_TEXT | LDSEAL_CLASS_DATA);
}
TEST(PolicyWords, NoWordsChangeNothing) {
  for (const char* words : {"", ",", ",,,"}) EXPECT_EQ(wanted_after(words), kBuiltIn) << words;
}
TEST(PolicyWords, EmptyWordsAreNone) { EXPECT_EQ(wanted_after(",off,,+data,"), LDSEAL_CLASS_DATA); }
TEST(PolicyWords, DoNotTouchWhatIsExempt) {
  HeapArena arena;
  Policy policy;
  policy.exempt = LDSEAL_CLASS_TEXT;
  ASSERT_EQ(apply_words(policy, "on,require", "o", "f", arena).error(), Error{});
  EXPECT_EQ(policy.exempt, LDSEAL_CLASS_TEXT);
}

Error unknown(Fault f, const char* word) {
  Error e = fault(f);
  e.object = "somewhere";
  e.field = "FIELD";
  e.name = word;
  return e;
}

TEST(PolicyWords, AnUnknownWordIsNamed) {
  for (const char* word : {"On", "of", "offf", "required", " on", "on ", "all", "1", "text"}) {
    EXPECT_EQ(Applied(word).error, unknown(Fault::kUnknownSealWord, word));
  }
}
TEST(PolicyWords, AnUnknownClassIsNamedWithItsSign) {
  for (const char* word :
       {"+", "-", "+all", "-Text", "+tex", "-texts", "+-text", "--text", "+on"}) {
    EXPECT_EQ(Applied(word).error, unknown(Fault::kUnknownSealClass, word));
  }
}
TEST(PolicyWords, GuardsAreForTheHatchAlone) {
  EXPECT_EQ(Applied("+guards").error, unknown(Fault::kUnknownSealClass, "+guards"));
  EXPECT_EQ(Applied("-guards").error, unknown(Fault::kUnknownSealClass, "-guards"));
}
TEST(PolicyWords, TheUnknownWordAmongRightOnesIsNamedAlone) {
  EXPECT_EQ(Applied("on,bad,+data").error, unknown(Fault::kUnknownSealWord, "bad"));
}
TEST(PolicyWords, TheFirstUnknownWordIsNamed) {
  EXPECT_EQ(Applied("first,second").error, unknown(Fault::kUnknownSealWord, "first"));
}
TEST(PolicyWords, TheNameOutlivesTheList) {
  HeapArena arena;
  Policy policy;
  std::string words = "mistaken";
  Error error = apply_words(policy, words, "somewhere", "FIELD", arena).error();
  words.assign(words.size(), '#');
  EXPECT_STREQ(error.name, "mistaken");
}
TEST(PolicyWords, TheSentencesSayWhatThereIs) {
  EXPECT_EQ(sentence(Applied("bad").error),
            "somewhere: FIELD: unknown word bad; there are on, off, require, +CLASS and -CLASS");
  EXPECT_EQ(sentence(Applied("+bad").error),
            "somewhere: FIELD: unknown class +bad; known: text relro system loader plt "
            "data dlopen wx stack");
}

constexpr uint32_t kPolicyNote = 1;
const Bytes kAsksForSeals = property_note({property(3)});  // GNU_PROPERTY_MEMORY_SEAL

Bytes policy_note(const std::string& words) {
  return note("ldseal", kPolicyNote, bytes_of(words + '\0'));
}

// Applies an object's note to a policy that wants system alone.
struct Noted {
  explicit Noted(const NoteImage& image) {
    policy.wanted = LDSEAL_CLASS_SYSTEM;
    error = apply_note(policy, image.table(), image.view(), "program", arena).error();
  }
  HeapArena arena;
  Policy policy;
  Error error;
};

uint32_t wanted_by(const NoteImage& image) {
  Noted noted(image);
  EXPECT_EQ(noted.error, Error{});
  return noted.policy.wanted;
}

TEST(PolicyNote, AProgramWithoutNotesChangesNothing) {
  EXPECT_EQ(wanted_by(NoteImage(Bytes())), LDSEAL_CLASS_SYSTEM);
}
TEST(PolicyNote, ItsWordsAreApplied) {
  EXPECT_EQ(wanted_by(NoteImage(policy_note("+text,+data"))),
            LDSEAL_CLASS_SYSTEM | LDSEAL_CLASS_TEXT | LDSEAL_CLASS_DATA);
}
TEST(PolicyNote, WordsNeedNoFinalNul) {
  EXPECT_EQ(wanted_by(NoteImage(note("ldseal", kPolicyNote, bytes_of("+text")))),
            LDSEAL_CLASS_SYSTEM | LDSEAL_CLASS_TEXT);
}
TEST(PolicyNote, WordsEndAtTheFirstNul) {
  EXPECT_EQ(wanted_by(NoteImage(policy_note(std::string("+text\0,bad", 10)))),
            LDSEAL_CLASS_SYSTEM | LDSEAL_CLASS_TEXT);
}
TEST(PolicyNote, OfAnotherTypeSaysNothing) {
  EXPECT_EQ(wanted_by(NoteImage(note("ldseal", 2, bytes_of("off")))), LDSEAL_CLASS_SYSTEM);
}
TEST(PolicyNote, ABadWordIsTheProgramsFault) {
  Error expected = fault(Fault::kUnknownSealWord);
  expected.object = "program";
  expected.field = ".note.ldseal";
  expected.name = "sealed";
  EXPECT_EQ(Noted(NoteImage(policy_note("sealed"))).error, expected);
}
TEST(PolicyNote, AskingForMemorySealMeansOn) {
  EXPECT_EQ(wanted_by(NoteImage(kAsksForSeals, 8)), kBuiltIn);
}
TEST(PolicyNote, WordsCountForMoreThanThatProperty) {
  NoteImage image(kAsksForSeals, 8);
  image.add(policy_note("off"));
  EXPECT_EQ(wanted_by(image), 0u);
}
TEST(PolicyNote, EmptyWordsCountForMoreThanThatProperty) {
  NoteImage image(kAsksForSeals, 8);
  image.add(note("ldseal", kPolicyNote, {}));
  EXPECT_EQ(wanted_by(image), LDSEAL_CLASS_SYSTEM);
}
TEST(PolicyNote, ItsWordsEndAtTheFirstNul) {
  NoteImage image(policy_note(std::string("+text\0,bad", 10)));
  EXPECT_EQ(note_words(image.table(), image.view()), "+text");
}
TEST(PolicyNote, ThatIsEmptyIsNotNone) {
  NoteImage empty(note("ldseal", kPolicyNote, {})), none(kAsksForSeals, 8);
  EXPECT_NE(note_words(empty.table(), empty.view()).data(), nullptr);
  EXPECT_EQ(note_words(none.table(), none.view()).data(), nullptr);
}

// The built-in policy, a program's note, LDSEAL, and a supervisor that exempts `exempt`.
struct Decided {
  Decided(const std::string& words, const char* variable, uint32_t exempt = 0) {
    policy.exempt = exempt;
    NoteImage image(policy_note(words));
    error = apply_note(policy, image.table(), image.view(), "program", arena).error();
    if (error == Error{}) error = apply_variable(policy, variable, arena).error();
  }
  HeapArena arena;
  Policy policy;
  Error error;
};

TEST(FinalNote, LosesNothingToTheVariable) {
  for (const char* variable : {"off", "-text", "-text,-relro,-system,-loader", "off,+data", "on"}) {
    Decided d("final", variable);
    ASSERT_EQ(d.error, Error{});
    EXPECT_EQ(d.policy.wanted & kBuiltIn, kBuiltIn) << variable;
  }
}
TEST(FinalNote, StaysRequiredWhateverTheVariableSays) {
  EXPECT_TRUE(Decided("require,final", "off").policy.is_required);
  EXPECT_TRUE(Decided("final,require", "off,on").policy.is_required);
  EXPECT_FALSE(Decided("final", "off").policy.is_required);
}
TEST(FinalNote, LosesNothingToASupervisor) {
  Decided d("-system,final", nullptr, LDSEAL_CLASS_ALL);
  EXPECT_TRUE(d.policy.seals(SealClass::kText));
  EXPECT_TRUE(d.policy.seals_anything());
  EXPECT_FALSE(d.policy.seals(SealClass::kSystem));
}
TEST(FinalNote, LetsTheVariableAdd) {
  Decided d("-system,final", "+data,+system,require");
  EXPECT_EQ(d.policy.wanted, kBuiltIn | LDSEAL_CLASS_DATA);
  EXPECT_TRUE(d.policy.is_required);
}
TEST(FinalNote, WhatTheVariableAddsIsNotFinal) {
  Decided d("-system,final", "+system", LDSEAL_CLASS_SYSTEM);
  EXPECT_FALSE(d.policy.seals(SealClass::kSystem));
}
TEST(FinalNote, CountsForAllItsWordsWhereverItStands) {
  EXPECT_EQ(Decided("final,-text,+data", "off").policy.wanted,
            (kBuiltIn & ~LDSEAL_CLASS_TEXT) | LDSEAL_CLASS_DATA);
}
TEST(FinalNote, ThatTurnsAllOffLeavesAllToTheVariable) {
  EXPECT_EQ(Decided("off,final", nullptr).policy.wanted, 0u);
  EXPECT_EQ(Decided("off,final", "on").policy.wanted, kBuiltIn);
}
TEST(FinalNote, IsANotesWordAlone) {
  Error expected = fault(Fault::kUnknownSealWord);
  expected.object = "environment";
  expected.field = "LDSEAL";
  expected.name = "final";
  EXPECT_EQ(Decided("on", "final").error, expected);
}
TEST(NoteThatIsNotFinal, LosesWhatTheVariableAndASupervisorTake) {
  EXPECT_EQ(Decided("require", "off").policy.wanted, 0u);
  EXPECT_FALSE(Decided("require", "off").policy.is_required);
  EXPECT_FALSE(Decided("require", nullptr, LDSEAL_CLASS_ALL).policy.seals_anything());
}

TEST(PolicyMacro, MakesTheNoteThatIsRead) {
  Policy policy;
  auto apply = [](dl_phdr_info* info, size_t, void* to) {
    HeapArena arena;
    ProgramHeaders headers(info->dlpi_phdr, info->dlpi_phnum);
    ImageView image = ImageView::of_memory(headers, LoadBias(info->dlpi_addr));
    EXPECT_EQ(apply_note(*static_cast<Policy*>(to), headers, image, "itself", arena).error(),
              Error{});
    return 1;  // the program comes first, and nothing else counts
  };
  dl_iterate_phdr(apply, &policy);
  EXPECT_TRUE(policy.is_required);
  EXPECT_EQ(policy.wanted, (kBuiltIn & ~LDSEAL_CLASS_SYSTEM) | LDSEAL_CLASS_DATA);
}

}  // namespace
}  // namespace ldseal
