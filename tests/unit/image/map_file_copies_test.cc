// What is memory without a file behind it, what still shows the file, and that nobody can tell by the contents.
#include <cerrno>

#include "tests/lib_cc/mapped_shapes.h"
#include "tests/lib_cc/memory_map.h"

namespace ldseal {
namespace {

using namespace testing_tools;

// Have all these pages, counted from the beginning of the writable segment, a file behind them, or none of them?
bool all_are(const MappedObject& object, uint64_t from, uint64_t to, bool has_file) {
  bool all = true;
  Address start = object.pages(object.loads()[1]).start;
  for_each_page({start + ByteCount(from * kPage), start + ByteCount(to * kPage)},
                [&](Address page) { all = all && (mapped_at(page).inode != 0) == has_file; });
  return all;
}
bool are_copies(const MappedObject& object, uint64_t from, uint64_t to) {
  return all_are(object, from, to, false);
}
bool show_the_file(const MappedObject& object, uint64_t from, uint64_t to) {
  return all_are(object, from, to, true);
}

class MapCopies : public testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Of, MapCopies, testing::ValuesIn(kShapes),
                         [](const auto& info) { return info.param.name; });

TEST_P(MapCopies, RelroHasNoFileBehindIt) {
  MappedObject object(GetParam().file());
  ASSERT_EQ(object.error, Error{});
  for_each_page(object.relro(), [](Address page) { ASSERT_EQ(mapped_at(page).inode, 0u); });
}

// Others could be filled through userfaultfd(2), though they are sealed.
TEST_P(MapCopies, EveryPageOfRelroExists) {
  MappedObject object(GetParam().file());
  ASSERT_EQ(object.error, Error{});
  for_each_page(object.relro(), [](Address page) { ASSERT_TRUE(exists(page)); });
}
TEST(MapCopiesOf, ConstantZeroesExist) {
  MappedObject object(read_only_zeroes());
  ASSERT_EQ(object.error, Error{});
  for_each_page(object.pages(object.loads()[1]), [](Address page) {
    EXPECT_TRUE(exists(page));
    EXPECT_EQ(mapped_at(page).flags, "r--p");
  });
}
TEST(MapCopiesOf, ZeroesThatAreWrittenLaterCostNoPages) {
  MappedObject object(with_relro());
  ASSERT_EQ(object.error, Error{});
  EXPECT_FALSE(exists(object.pages(object.loads()[1]).end - ByteCount(kPage)));
}

TEST_P(MapCopies, TextShowsTheFile) {
  MappedObject object(GetParam().file());
  ASSERT_EQ(object.error, Error{});
  for_each_page(object.pages(object.loads()[0]),
                [](Address page) { ASSERT_NE(mapped_at(page).inode, 0u); });
}

// What plain mappings of the file, one segment after the other, would show from an address on.
std::vector<unsigned char> plainly_mapped(const MappedObject& object) {
  std::vector<unsigned char> memory(object.module.span.length().value);
  uint64_t base = object.module.segments.start.value;
  for (const Phdr& ph : object.loads()) {
    uint64_t in_page = ph.p_vaddr - kPages.down(ph.p_vaddr);
    unsigned char* start = &memory[ph.p_vaddr - in_page - base];
    std::memcpy(start, &object.file[ph.p_offset - in_page], in_page + ph.p_filesz);
    std::memset(start + in_page + ph.p_filesz, 0, ph.p_memsz - ph.p_filesz);
  }
  return memory;
}
void expect_plain_contents(const MappedObject& object) {
  std::vector<unsigned char> expected = plainly_mapped(object);
  for (const Phdr& ph : object.loads()) {
    Address start = object.pages(ph).start, end = object.at(ph.p_vaddr + ph.p_memsz);
    for (Address at = start; at < end; at = at + ByteCount(1)) {
      ASSERT_EQ(*at.as<unsigned char>(), expected[(at - object.module.span.start).value])
          << std::hex << (at - object.module.bias).value;
    }
  }
}

TEST_P(MapCopies, EveryByteIsWhatAPlainMappingWouldShow) {
  MappedObject object(GetParam().file());
  ASSERT_EQ(object.error, Error{});
  expect_plain_contents(object);
}

TEST_P(MapCopies, ReadsMayBeShort) {
  for (size_t bytes : {size_t{1}, size_t{100}, kPage - 1, kPage, kPage + 1}) {
    MappedObject object(GetParam().file(),
                        [&](ScriptedKernel& kernel) { kernel.shorten_read_after(0, bytes); });
    ASSERT_EQ(object.error, Error{});
    expect_plain_contents(object);
  }
}

TEST_P(MapCopies, WhatIsWrittenIsItsOwn) {
  MappedObject object(GetParam().file());
  ASSERT_EQ(object.error, Error{});
  for (const Phdr& ph : object.loads()) {
    if ((ph.p_flags & PF_W) != 0) std::memset(object.at(ph.p_vaddr).as<void>(), 0xee, ph.p_memsz);
  }
  object.module = named_module();
  object.map(object.module);
  ASSERT_EQ(object.error, Error{});
  expect_plain_contents(object);
}

TEST(MapCopiesOf, AFewPagesOfDataAreAllOfIt) {
  MappedObject object(with_relro());
  EXPECT_TRUE(are_copies(object, 0, 6));
}
TEST(MapCopiesOf, MuchDataAreRelroAlone) {
  MappedObject object(with_much_data());
  EXPECT_TRUE(are_copies(object, 0, 3));
  EXPECT_TRUE(show_the_file(object, 3, 39));
}
TEST(MapCopiesOf, MuchDataReachToTheEndOfRelroWithin) {
  MappedObject object(with_relro_within_much_data());
  EXPECT_TRUE(are_copies(object, 0, 7));
  EXPECT_TRUE(show_the_file(object, 7, 39));
}
TEST(MapCopiesOf, MuchDataWithoutRelroAreNone) {
  MappedObject object(with_much_data_alone());
  EXPECT_TRUE(show_the_file(object, 0, 39));
}
TEST(MapCopiesOf, MuchRelroAreAllOfIt) {
  MappedObject object(all_relro());
  EXPECT_TRUE(are_copies(object, 0, 20));
}
TEST(MapCopiesOf, DataAreDecidedByTheirPagesInTheFile) {
  for (uint64_t pages : {16, 17}) {
    ElfImage image = filled(mapped_object(pages));
    ASSERT_EQ(kPages.up(image.data().p_filesz), pages * kPage);
    set_relro(image, image.places.data_start, image.places.data_start);
    MappedObject object(image.bytes);
    EXPECT_EQ(are_copies(object, 0, pages - 1), pages == 16) << pages;
  }
}

TEST(MapCopies, AFileThatShrinksMeanwhileIsNotRead) {
  ScriptedKernel kernel;
  kernel.add_file(kMappedPath, with_relro());
  HeapArena arena;
  auto object = ElfFile::open(kMappedPath, kPages, arena);
  ASSERT_TRUE(object);
  NothingLeft nothing_left(kernel);
  kernel.shorten_read_after(0, 0);
  Error expected = fault(Fault::kCannotRead);
  expected.error_number = EIO;
  expected.object = kMappedPath;
  Module module = named_module();
  EXPECT_EQ(outcome(map_object(module, *object, kPages, arena)), expected);
  nothing_left.check();
}

}  // namespace
}  // namespace ldseal
