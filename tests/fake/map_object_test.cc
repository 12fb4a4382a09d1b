// Mapping an object: every call refused once, and what is in memory when none is.
#include <cstdio>
#include <fstream>

#include "ldso/image/map_file.h"
#include "tests/fake/loading.h"

namespace ldseal {
namespace {

using namespace testing_tools;

constexpr const char* kPath = "/lib/libit.so";

ObjectSpec some_object() {
  ObjectSpec spec;
  spec.machine = Native::kMachine;
  spec.soname = "libit.so";
  spec.symbols = {{.name = "it"}};
  spec.zeroed_bytes = 3 * kPage;
  return spec;
}

// The shapes that are mapped in different ways.
struct Shape {
  const char* name;
  std::vector<unsigned char> (*file)();
};

std::vector<unsigned char> plain() { return write_elf(some_object()).bytes; }
std::vector<unsigned char>
shifted() {  // the second segment is not where one mapping of the file would put it
  ObjectSpec spec = some_object();
  spec.data_distance = 0x20000;
  return write_elf(spec).bytes;
}
std::vector<unsigned char> largely_aligned() {
  ElfImage image = write_elf(some_object());
  image.text().p_align = 0x200000;
  return image.bytes;
}
std::vector<unsigned char>
read_only_zeroes() {  // the rest of the page is cleared though it cannot be written
  ElfImage image = write_elf(some_object());
  image.data().p_flags = PF_R;
  return image.bytes;
}

class MapObjectShape : public testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Of, MapObjectShape,
                         testing::Values(Shape{"Plain", plain}, Shape{"Shifted", shifted},
                                         Shape{"LargelyAligned", largely_aligned},
                                         Shape{"ReadOnlyZeroes", read_only_zeroes}),
                         [](const auto& info) { return info.param.name; });

Module named_module() {
  Module module;
  module.path = module.file_path = kPath;
  return module;
}

TEST_P(MapObjectShape, TellsEveryRefusedCallAndLeavesNothingMapped) {
  fail_every_call(
      [&](ScriptedKernel& kernel) { kernel.add_file(kPath, GetParam().file()); },
      [&](ScriptedKernel& kernel) {
        HeapArena arena;
        auto object = OpenObject::open(kPath, kPages, arena);
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
        EXPECT_STREQ(error.object, kPath);
      });
}

class MapObject : public testing::TestWithParam<Shape> {
 protected:
  MapObject() {
    file_ = GetParam().file();
    kernel_.add_file(kPath, file_);
    auto object = OpenObject::open(kPath, kPages, arena_);
    if (!object) throw std::runtime_error("not opened");
    error_ = outcome(map_object(module_, *object, kPages, arena_));
  }
  ScriptedKernel kernel_;
  HeapArena arena_;
  Module module_ = named_module();
  std::vector<unsigned char> file_;
  Error error_;
};
INSTANTIATE_TEST_SUITE_P(Of, MapObject,
                         testing::Values(Shape{"Plain", plain}, Shape{"Shifted", shifted},
                                         Shape{"LargelyAligned", largely_aligned},
                                         Shape{"ReadOnlyZeroes", read_only_zeroes}),
                         [](const auto& info) { return info.param.name; });

TEST_P(MapObject, PutsTheFilesBytesWhereTheHeadersWantThem) {
  ASSERT_EQ(error_, Error{});
  for (const Phdr& ph : module_.segments.headers) {
    if (ph.p_type != PT_LOAD) continue;
    const auto* in_memory = (Vaddr(ph.p_vaddr) + module_.bias).as<const unsigned char>();
    EXPECT_EQ(std::memcmp(in_memory, &file_[ph.p_offset], ph.p_filesz), 0);
  }
}

TEST_P(MapObject, ZeroesWhatTheFileDoesNotHave) {
  ASSERT_EQ(error_, Error{});
  for (const Phdr& ph : module_.segments.headers) {
    if (ph.p_type != PT_LOAD) continue;
    const auto* in_memory = (Vaddr(ph.p_vaddr) + module_.bias).as<const unsigned char>();
    for (uint64_t i = ph.p_filesz; i < ph.p_memsz; ++i) ASSERT_EQ(in_memory[i], 0) << i;
  }
}

TEST_P(MapObject, KeepsExactlyTheSpanOfTheObjectMapped) {
  ASSERT_EQ(error_, Error{});
  uint64_t pages = (module_.segments.end.value - module_.segments.start.value) / kPage;
  EXPECT_EQ(kernel_.mapped_pages(), pages);
  EXPECT_EQ(module_.span.length().value, pages * kPage);
}

TEST_P(MapObject, HonoursTheLargestAlignment) {
  ASSERT_EQ(error_, Error{});
  EXPECT_EQ(module_.span.start.value % module_.segments.alignment, module_.segments.start.value);
}

// The protection of the page at `address`, as /proc/self/maps has it: "r-xp".
std::string protection_at(uint64_t address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long start = 0, end = 0;
    char flags[8] = "";
    if (std::sscanf(line.c_str(), "%lx-%lx %7s", &start, &end, flags) != 3) continue;
    if (start <= address && address < end) return flags;
  }
  return "";
}

TEST_P(MapObject, GivesEverySegmentItsProtectionAndNothingElseAny) {
  ASSERT_EQ(error_, Error{});
  uint64_t covered = module_.span.start.value;
  for (const Phdr& ph : module_.segments.headers) {
    if (ph.p_type != PT_LOAD) continue;
    uint64_t start = kPages.down((Vaddr(ph.p_vaddr) + module_.bias).value);
    uint64_t end = kPages.up((Vaddr(ph.p_vaddr + ph.p_memsz) + module_.bias).value);
    for (uint64_t hole = covered; hole < start; hole += kPage)
      ASSERT_EQ(protection_at(hole), "---p");
    std::string expected = {(ph.p_flags & PF_R) != 0 ? 'r' : '-',
                            (ph.p_flags & PF_W) != 0 ? 'w' : '-',
                            (ph.p_flags & PF_X) != 0 ? 'x' : '-', 'p'};
    for (uint64_t at = start; at < end; at += kPage) ASSERT_EQ(protection_at(at), expected);
    covered = end;
  }
}

TEST(MapFixedObject, RefusesWhereSomethingIsMappedAlready) {
  ScriptedKernel kernel;
  auto taken = Mapping::anonymous(ByteCount(16 * kPage));
  ASSERT_TRUE(taken);
  ElfImage image = write_elf(some_object());
  image.header().e_type = ET_EXEC;
  uint64_t base = taken->range().start.value;
  for (unsigned i = 0; i < image.header().e_phnum; ++i) {
    Phdr& ph = image.at<Phdr>(image.places.headers + i * sizeof(Phdr));
    if (ph.p_type != PT_GNU_STACK) ph.p_vaddr += base;
  }
  kernel.add_file(kPath, image.bytes);
  HeapArena arena;
  auto object = OpenObject::open(kPath, kPages, arena);
  ASSERT_TRUE(object);
  NothingLeft nothing_left(kernel);
  Module module = named_module();
  Error error = outcome(map_object(module, *object, kPages, arena));
  EXPECT_EQ(error.fault, Fault::kCannotMap);
  EXPECT_EQ(error.error_number, EEXIST);
  EXPECT_STREQ(error.object, kPath);
  nothing_left.check();
}

TEST(ViewObject, TellsEveryRefusedCallAndLeavesNothingMapped) {
  fail_every_call([](ScriptedKernel& kernel) { kernel.add_file(kPath, plain()); },
                  [](ScriptedKernel&) {
                    HeapArena arena;
                    auto object = OpenObject::open(kPath, kPages, arena);
                    if (!object) return object.error();
                    Module module = named_module();
                    return outcome(view_object(module, *object, arena));
                  },
                  [](const std::string& call, const Error& error) {
                    EXPECT_EQ(error.fault, fault_of(call));
                    EXPECT_EQ(error.error_number, EIO);
                    EXPECT_STREQ(error.object, kPath);
                  });
}

TEST(ViewObject, IsUnmappedWhenItGoes) {
  ScriptedKernel kernel;
  kernel.add_file(kPath, plain());
  HeapArena arena;
  Module module = named_module();
  {
    auto object = OpenObject::open(kPath, kPages, arena);
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
  ElfImage image = write_elf(some_object());
  image.dynamic(DT_NULL).d_tag = DT_DEBUG;
  kernel.add_file(kPath, image.bytes);
  HeapArena arena;
  Module module = named_module();
  {
    auto object = OpenObject::open(kPath, kPages, arena);
    ASSERT_TRUE(object);
    Error expected = fault(Fault::kDynamicUnterminated);
    expected.object = kPath;
    EXPECT_EQ(outcome(map_object(module, *object, kPages, arena)), expected);
  }
  EXPECT_EQ(kernel.mapped_pages(), 0u);
  EXPECT_EQ(kernel.open_files(), 0u);
}

}  // namespace
}  // namespace ldseal
