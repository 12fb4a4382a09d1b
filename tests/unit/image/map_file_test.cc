// Mapping an object: every call refused once, and what is in memory when none is.
#include "tests/lib_cc/mapped_shapes.h"
#include "tests/lib_cc/memory_map.h"

namespace ldseal {
namespace {

using namespace testing_tools;

class MapObjectShape : public testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Of, MapObjectShape, testing::ValuesIn(kShapes),
                         [](const auto& info) { return info.param.name; });

TEST_P(MapObjectShape, TellsEveryRefusedCallAndLeavesNothingMapped) {
  fail_every_call(
      [&](ScriptedKernel& kernel) { kernel.add_file(kMappedPath, GetParam().file()); },
      [&](ScriptedKernel& kernel) {
        HeapArena arena;
        auto object = ElfFile::open(kMappedPath, kPages, arena);
        if (!object) return object.error();
        Module module = named_module();
        Error error = outcome(map_object(module, *object, kPages, arena));
        EXPECT_EQ(module.span.empty() || error.fault == Fault::kNone || kernel.mapped_pages() == 0,
                  true);
        return error;
      },
      [](const std::string& call, const Error& error) {
        EXPECT_EQ(error.fault, fault_of(call));
        EXPECT_EQ(error.error_number, EIO);
        EXPECT_STREQ(error.object, kMappedPath);
      });
}

class MapObject : public testing::TestWithParam<Shape> {
 protected:
  MappedObject object_{GetParam().file()};
};
INSTANTIATE_TEST_SUITE_P(Of, MapObject, testing::ValuesIn(kShapes),
                         [](const auto& info) { return info.param.name; });

TEST_P(MapObject, KeepsExactlyTheSpanOfTheObjectMapped) {
  ASSERT_EQ(object_.error, Error{});
  const Module& module = object_.module;
  uint64_t pages = (module.segments.end.value - module.segments.start.value) / kPage;
  EXPECT_EQ(object_.kernel.mapped_pages(), pages);
  EXPECT_EQ(module.span.length().value, pages * kPage);
}

TEST_P(MapObject, HonoursTheLargestAlignment) {
  ASSERT_EQ(object_.error, Error{});
  const Module& module = object_.module;
  EXPECT_EQ(module.span.start.value % module.segments.alignment, module.segments.start.value);
}

TEST_P(MapObject, GivesEverySegmentItsProtection) {
  ASSERT_EQ(object_.error, Error{});
  std::map<uint64_t, std::string> expected;
  for (const Phdr& ph : object_.loads()) {
    std::string flags = {(ph.p_flags & PF_R) != 0 ? 'r' : '-', (ph.p_flags & PF_W) != 0 ? 'w' : '-',
                         (ph.p_flags & PF_X) != 0 ? 'x' : '-', 'p'};
    for_each_page(object_.pages(ph), [&](Address page) { expected[page.value] = flags; });
  }
  for (const auto& [page, flags] : expected) ASSERT_EQ(mapped_at(Address(page)).flags, flags);
}

TEST(MapCode, IsNeverOpenedForZeroesThatTheFileHas) {
  MappedObject object(code_behind_constants());
  size_t calls = object.kernel.paths_of("protect").size();
  ASSERT_EQ(object.error, Error{});
  object.kernel.add_file(kMappedPath, code_with_zeroes());
  Module other = named_module();
  object.map(other);
  ASSERT_EQ(object.error, Error{});
  size_t opens_and_closes = 2;
  EXPECT_EQ(object.kernel.paths_of("protect").size(), 2 * calls + opens_and_closes);
}

TEST(MapFixedObject, RefusesWhereSomethingIsMappedAlready) {
  ScriptedKernel kernel;
  auto taken = Mapping::anonymous(ByteCount(16 * kPage));
  ASSERT_TRUE(taken);
  ElfImage image = write_elf(mapped_object());
  image.header().e_type = ET_EXEC;
  uint64_t base = taken->range().start.value;
  for (unsigned i = 0; i < image.header().e_phnum; ++i) {
    Phdr& ph = image.at<Phdr>(image.places.headers + i * sizeof(Phdr));
    if (ph.p_type != PT_GNU_STACK) ph.p_vaddr += base;
  }
  kernel.add_file(kMappedPath, image.bytes);
  HeapArena arena;
  auto object = ElfFile::open(kMappedPath, kPages, arena);
  ASSERT_TRUE(object);
  NothingLeft nothing_left(kernel);
  Module module = named_module();
  Error error = outcome(map_object(module, *object, kPages, arena));
  EXPECT_EQ(error.fault, Fault::kCannotMap);
  EXPECT_EQ(error.error_number, EEXIST);
  EXPECT_STREQ(error.object, kMappedPath);
  nothing_left.check();
}

TEST(ViewObject, TellsEveryRefusedCallAndLeavesNothingMapped) {
  fail_every_call([](ScriptedKernel& kernel) { kernel.add_file(kMappedPath, plain()); },
                  [](ScriptedKernel&) {
                    HeapArena arena;
                    auto object = ElfFile::open(kMappedPath, kPages, arena);
                    if (!object) return object.error();
                    Module module = named_module();
                    return outcome(view_object(module, *object, arena));
                  },
                  [](const std::string& call, const Error& error) {
                    EXPECT_EQ(error.fault, fault_of(call));
                    EXPECT_EQ(error.error_number, EIO);
                    EXPECT_STREQ(error.object, kMappedPath);
                  });
}

TEST(ViewObject, IsUnmappedWhenItGoes) {
  ScriptedKernel kernel;
  kernel.add_file(kMappedPath, plain());
  HeapArena arena;
  Module module = named_module();
  {
    auto object = ElfFile::open(kMappedPath, kPages, arena);
    ASSERT_TRUE(object);
    auto view = view_object(module, *object, arena);
    ASSERT_TRUE(view);
    EXPECT_GT(kernel.mapped_pages(), 0u);
  }
  EXPECT_EQ(kernel.mapped_pages(), 0u);
  EXPECT_EQ(kernel.open_files(), 0u);
}

TEST(MapObjectFailure, DamageFoundAfterMappingLeavesNothingMapped) {
  ScriptedKernel kernel;
  ElfImage image = write_elf(mapped_object());
  image.dynamic(DT_NULL).d_tag = DT_DEBUG;
  kernel.add_file(kMappedPath, image.bytes);
  HeapArena arena;
  Module module = named_module();
  {
    auto object = ElfFile::open(kMappedPath, kPages, arena);
    ASSERT_TRUE(object);
    Error expected = fault(Fault::kDynamicUnterminated);
    expected.object = kMappedPath;
    EXPECT_EQ(outcome(map_object(module, *object, kPages, arena)), expected);
  }
  EXPECT_EQ(kernel.mapped_pages(), 0u);
  EXPECT_EQ(kernel.open_files(), 0u);
}

}  // namespace
}  // namespace ldseal
