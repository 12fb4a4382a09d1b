// Notes: what is found, and that no length a file gives leads out of its segment.
#include "ldso/elf/notes.h"

#include <gtest/gtest.h>
#include <optional>

#include "tests/lib_cc/note_image.h"

namespace ldseal {
namespace {

using namespace testing_tools;

constexpr uint32_t kType = 7;
const Bytes kWords = bytes_of("words");

// What is found; none where nothing is.
std::optional<std::string> found(const NoteImage& image, std::string_view name = "ldseal",
                                 uint32_t type = kType) {
  ByteView note = find_note(image.table(), image.view(), name, type);
  if (note.data() == nullptr) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(note.data()), note.size());
}

TEST(FindNote, GivesTheDescriptor) {
  EXPECT_EQ(found(NoteImage(note("ldseal", kType, kWords))), "words");
}
TEST(FindNote, GivesNoneWithoutAnySegmentOfNotes) {
  NoteImage image(note("ldseal", kType, kWords));
  image.headers[1].p_type = PT_NULL;
  EXPECT_EQ(found(image), std::nullopt);
}
TEST(FindNote, AnotherTypeIsAnotherNote) {
  EXPECT_EQ(found(NoteImage(note("ldseal", kType + 1, kWords))), std::nullopt);
}
TEST(FindNote, ANameIsWholeAndExact) {
  for (const char* name : {"ldsea", "ldsealx", "LDSEAL", ""}) {
    EXPECT_EQ(found(NoteImage(note(name, kType, kWords))), std::nullopt) << name;
  }
}
TEST(FindNote, ANameNeedsNoFinalNul) {
  Bytes bytes = note("ldseal", kType, kWords);
  reinterpret_cast<Elf64_Nhdr*>(bytes.data())->n_namesz = 6;
  EXPECT_EQ(found(NoteImage(bytes)), "words");
}
TEST(FindNote, AnEmptyNameIsAName) {
  Elf64_Nhdr header = {0, 4, kType};
  Bytes bytes;
  append(bytes, &header, sizeof header);
  append(bytes, "desc", 4);
  EXPECT_EQ(found(NoteImage(bytes), ""), "desc");
}
TEST(FindNote, AnEmptyDescriptorIsFoundAllTheSame) {
  EXPECT_EQ(found(NoteImage(note("ldseal", kType, {}))), "");
}
TEST(FindNote, PassesOverOthersWhateverTheirLengths) {
  for (size_t length = 0; length < 9; ++length) {
    std::string name(length, 'x');
    NoteImage image(joined({note(name, kType, Bytes(length)), note("ldseal", 1, kWords),
                            note("ldseal", kType, kWords)}));
    EXPECT_EQ(found(image), "words") << length;
  }
}
TEST(FindNote, TheFirstOfTwoCounts) {
  NoteImage image(joined({note("ldseal", kType, kWords), note("ldseal", kType, {1})}));
  EXPECT_EQ(found(image), "words");
}

TEST(FindNote, IsWalkedByEightsWhereTheSegmentIsAlignedSo) {
  NoteImage image(joined({note("x", 1, Bytes(4), 8), note("ldseal", kType, kWords, 8)}), 8);
  EXPECT_EQ(found(image), "words");
}
TEST(FindNote, IsWalkedByFoursWithEveryOtherAlignment) {
  for (uint64_t alignment : {0, 1, 2, 4, 16}) {
    NoteImage image(joined({note("x", 1, Bytes(4)), note("ldseal", kType, kWords)}), alignment);
    EXPECT_EQ(found(image), "words") << alignment;
  }
}

TEST(FindNote, LooksIntoEverySegment) {
  NoteImage image(note("GNU", NT_GNU_BUILD_ID, Bytes(20)));
  image.add(note("ldseal", kType, kWords));
  EXPECT_EQ(found(image), "words");
}
TEST(FindNote, EachSegmentHasItsOwnAlignment) {
  NoteImage image(note("GNU", NT_GNU_PROPERTY_TYPE_0, Bytes(16), 8), 8);
  image.add(joined({note("x", 1, Bytes(4)), note("ldseal", kType, kWords)}), 4);
  EXPECT_EQ(found(image), "words");
}
TEST(FindNote, DamageInOneSegmentDoesNotHideAnother) {
  NoteImage image(Bytes(5, 0xff));
  image.add(note("ldseal", kType, kWords));
  EXPECT_EQ(found(image), "words");
}
TEST(FindNote, ASegmentOutsideWhatIsMappedIsPassedOver) {
  NoteImage image(note("ldseal", kType, bytes_of("first")));
  image.add(note("ldseal", kType, kWords));
  image.headers[1].p_filesz += 1;
  EXPECT_EQ(found(image), "words");
}
TEST(FindNote, ASegmentThatCannotBeReadIsPassedOver) {
  NoteImage image(note("ldseal", kType, bytes_of("first")));
  image.add(note("ldseal", kType, kWords));
  image.headers[0].p_flags = PF_X;
  EXPECT_EQ(found(image), "words");
}

// One note, and what a change to its header leaves of it.
class DamagedNote : public testing::Test {
 protected:
  Elf64_Nhdr& header() { return *reinterpret_cast<Elf64_Nhdr*>(bytes_.data()); }
  std::optional<std::string> found_then() { return found(NoteImage(bytes_)); }
  Bytes bytes_ = note("ldseal", kType, bytes_of("four"));
};

TEST_F(DamagedNote, DescriptorMayReachToTheVeryEnd) { EXPECT_EQ(found_then(), "four"); }
TEST_F(DamagedNote, DescriptorReachesBeyondTheEnd) {
  ++header().n_descsz;
  EXPECT_EQ(found_then(), std::nullopt);
}
TEST_F(DamagedNote, DescriptorIsAsLongAsCanBe) {
  header().n_descsz = UINT32_MAX;
  EXPECT_EQ(found_then(), std::nullopt);
}
TEST_F(DamagedNote, NameReachesBeyondTheEnd) {
  bytes_.resize(sizeof(Elf64_Nhdr) + 6);
  header().n_descsz = 0;
  EXPECT_EQ(found_then(), std::nullopt);
}
TEST_F(DamagedNote, NameIsAsLongAsCanBe) {
  header().n_namesz = UINT32_MAX;
  EXPECT_EQ(found_then(), std::nullopt);
}
TEST_F(DamagedNote, HeaderIsCutOff) {
  bytes_.resize(sizeof(Elf64_Nhdr) - 1);
  EXPECT_EQ(found(NoteImage(bytes_), "", 0), std::nullopt);
}
TEST_F(DamagedNote, NothingIsFoundInASegmentWithoutBytes) {
  bytes_.clear();
  EXPECT_EQ(found_then(), std::nullopt);
}
TEST_F(DamagedNote, HidesWhatFollows) {
  header().n_type = 1;
  header().n_descsz = 0x1000;
  bytes_ = joined({bytes_, note("ldseal", kType, kWords)});
  EXPECT_EQ(found_then(), std::nullopt);
}
TEST_F(DamagedNote, EndsInTheMiddleOfItsPadding) {
  bytes_ = joined({note("x", 1, {}), note("ldseal", kType, {1})});
  bytes_.resize(bytes_.size() - 3);
  EXPECT_EQ(found_then(), "\1");
}

constexpr uint32_t kMemorySeal = 3;  // GNU_PROPERTY_MEMORY_SEAL
constexpr uint32_t kOther = 0xc0000002;

bool has(const NoteImage& image) {
  return has_empty_property(image.table(), image.view(), kMemorySeal);
}
bool has_among(const std::vector<Bytes>& properties) {
  return has(NoteImage(property_note(properties), 8));
}

std::optional<uint32_t> word_among(const std::vector<Bytes>& properties) {
  NoteImage image(property_note(properties), 8);
  return find_property(image.table(), image.view(), kOther);
}

TEST(FindProperty, GivesItsFourBytes) {
  EXPECT_EQ(word_among({property(kMemorySeal), property(kOther, {1, 2, 0, 4})}), 0x04000201u);
}
TEST(FindProperty, GivesNoneWithoutIt) {
  EXPECT_EQ(word_among({property(kMemorySeal)}), std::nullopt);
}
TEST(FindProperty, GivesNoneOfAnotherLength) {
  for (size_t length : {0, 3, 5, 8})
    EXPECT_EQ(word_among({property(kOther, Bytes(length))}), std::nullopt) << length;
}
TEST(FindProperty, BehindALengthThatLeavesTheArrayIsNotRead) {
  Bytes array = property(kOther, Bytes(4));
  array.resize(array.size() - 5);
  NoteImage image(note("GNU", NT_GNU_PROPERTY_TYPE_0, array, 8), 8);
  EXPECT_EQ(find_property(image.table(), image.view(), kOther), std::nullopt);
}

TEST(EmptyProperty, IsThere) { EXPECT_TRUE(has_among({property(kMemorySeal)})); }
TEST(EmptyProperty, IsNotThereWithoutAnyNote) { EXPECT_FALSE(has(NoteImage(Bytes()))); }
TEST(EmptyProperty, IsNotInAnEmptyArray) { EXPECT_FALSE(has_among({})); }
TEST(EmptyProperty, OfAnotherTypeIsAnother) { EXPECT_FALSE(has_among({property(kOther)})); }
TEST(EmptyProperty, WithDataIsNotEmpty) {
  EXPECT_FALSE(has_among({property(kMemorySeal, Bytes(4))}));
}
TEST(EmptyProperty, StandsBehindOthersWhateverTheirLengths) {
  for (size_t length = 0; length < 17; ++length) {
    EXPECT_TRUE(has_among({property(kOther, Bytes(length)), property(kMemorySeal)})) << length;
  }
}
TEST(EmptyProperty, IsNoPartOfAnotherOnesData) {
  EXPECT_FALSE(has_among({property(kOther, property(kMemorySeal))}));
}
TEST(EmptyProperty, BehindALengthThatLeavesTheArrayIsNotRead) {
  for (uint32_t length : {uint32_t{9}, uint32_t{0x7fffffff}, UINT32_MAX}) {
    Bytes array = joined({property(kOther), property(kMemorySeal)});
    std::memcpy(&array[4], &length, sizeof length);
    EXPECT_FALSE(has(NoteImage(note("GNU", NT_GNU_PROPERTY_TYPE_0, array, 8), 8))) << length;
  }
}
TEST(EmptyProperty, ThatIsCutOffIsNone) {
  Bytes array = property(kMemorySeal);
  array.resize(7);
  EXPECT_FALSE(has(NoteImage(note("GNU", NT_GNU_PROPERTY_TYPE_0, array, 8), 8)));
}
TEST(EmptyProperty, IsInTheNoteOfThatTypeAlone) {
  EXPECT_FALSE(has(NoteImage(note("GNU", NT_GNU_ABI_TAG, property(kMemorySeal), 8), 8)));
}
TEST(EmptyProperty, IsFoundBehindOtherNotes) {
  NoteImage image(note("GNU", NT_GNU_ABI_TAG, Bytes(16)));
  image.add(property_note({property(kMemorySeal)}), 8);
  EXPECT_TRUE(has(image));
}

// The bits of …_FEATURE_1_AND.
constexpr uint32_t kFeatures = 0xc0000002;

Bytes word(uint32_t bits) {
  Bytes bytes;
  append(bytes, &bits, sizeof bits);
  return bytes;
}
// In memory of exactly this size: reading on is found by AddressSanitizer.
uint32_t features_in(const Bytes& notes) {
  return read_features({notes.data(), notes.size()}, kFeatures);
}
uint32_t features_among(const std::vector<Bytes>& properties) {
  return features_in(property_note(properties));
}

TEST(Features, AreTheBitsOfTheirProperty) {
  EXPECT_EQ(features_among({property(kFeatures, word(5))}), 5u);
}
TEST(Features, AreNoneWithoutTheProperty) {
  EXPECT_EQ(features_in({}), 0u);
  EXPECT_EQ(features_among({}), 0u);
  EXPECT_EQ(features_among({property(kFeatures - 1, word(5))}), 0u);
}
TEST(Features, StandBehindOthersWhateverTheirLengths) {
  for (size_t length = 0; length < 17; ++length) {
    EXPECT_EQ(features_among({property(1, Bytes(length)), property(kFeatures, word(3))}), 3u)
        << length;
  }
}
TEST(Features, BehindAHigherTypeAreNotRead) {
  EXPECT_EQ(features_among({property(kFeatures + 1, word(1)), property(kFeatures, word(3))}), 0u);
}
TEST(Features, BehindTypesOutOfOrderAreNotRead) {
  Bytes seven = property(7, word(1)), six = property(6, word(1));
  EXPECT_EQ(features_among({seven, six, property(kFeatures, word(3))}), 0u);
}
TEST(Features, AreOneWord) {
  for (size_t length : {0, 1, 3, 5, 8}) {
    EXPECT_EQ(features_among({property(kFeatures, Bytes(length, 3))}), 0u) << length;
  }
}
TEST(Features, OfALengthThatLeavesTheNoteAreNone) {
  for (uint32_t length : {uint32_t{9}, uint32_t{0x7fffffff}, UINT32_MAX}) {
    Bytes array = joined({property(1), property(kFeatures, word(3))});
    std::memcpy(&array[4], &length, sizeof length);
    EXPECT_EQ(features_in(note("GNU", NT_GNU_PROPERTY_TYPE_0, array, 8)), 0u) << length;
  }
}
TEST(Features, ThatAreCutOffAreNone) {
  Bytes whole = property_note({property(kFeatures, word(3))});
  for (size_t size = 0; size < whole.size() - 4; ++size) {
    EXPECT_EQ(features_in(Bytes(whole.begin(), whole.begin() + static_cast<long>(size))), 0u)
        << size;
  }
}
TEST(Features, AreInTheNoteOfThatTypeAlone) {
  EXPECT_EQ(features_in(note("GNU", NT_GNU_ABI_TAG, property(kFeatures, word(3)), 8)), 0u);
}

Phdr segment(uint32_t type, uint64_t alignment) { return {type, PF_R, 0, 0, 0, 8, 8, alignment}; }

TEST(FeatureSegment, IsTheOneOfProperties) {
  std::vector<Phdr> headers = {segment(PT_NOTE, 8), segment(PT_GNU_PROPERTY, 8)};
  for (bool notes_count : {false, true}) {
    EXPECT_EQ(find_feature_segment(headers, notes_count), &headers[1]);
  }
}
TEST(FeatureSegment, IsANoteOnlyWhereThoseCount) {
  std::vector<Phdr> headers = {segment(PT_NOTE, 4), segment(PT_NOTE, 8)};
  EXPECT_EQ(find_feature_segment(headers, true), &headers[1]);
  EXPECT_EQ(find_feature_segment(headers, false), nullptr);
}
TEST(FeatureSegment, IsNoneWithAnotherAlignment) {
  std::vector<Phdr> headers = {segment(PT_NOTE, 8), segment(PT_GNU_PROPERTY, 4)};
  EXPECT_EQ(find_feature_segment(headers, true), nullptr);
}

}  // namespace
}  // namespace ldseal
