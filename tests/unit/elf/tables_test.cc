// What read_tables finds in a right object. What it refuses, and how: tests/damage.
#include "ldso/elf/tables.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/described.h"

namespace ldseal {
namespace {

using testing_tools::Described;
using testing_tools::ElfImage;
using testing_tools::ElfWriter;
using testing_tools::HeapArena;
using testing_tools::ObjectSpec;
using testing_tools::write_elf;

ObjectSpec some_symbols() {
  ObjectSpec spec;
  spec.symbols = {
      {.name = "alpha"}, {.name = "beta"}, {.name = "gamma"}, {.name = "needed", .defined = false}};
  return spec;
}

TEST(Hashes, AreThoseOfTheSpecifications) {
  for (const char* name :
       {"", "a", "printf", "__libc_start_main", "_ZNSt6vectorIiE", "\xff\xfe", "exit"}) {
    EXPECT_EQ(gnu_hash(name), ElfWriter::hash_gnu(name)) << name;
    EXPECT_EQ(sysv_hash(name), ElfWriter::hash_sysv(name)) << name;
  }
  std::string name;
  for (int i = 0; i < 40; ++i, name += static_cast<char>(255 - i * 6))
    EXPECT_EQ(gnu_hash(name.c_str()), ElfWriter::hash_gnu(name));
  EXPECT_EQ(gnu_hash("printf"), 0x156b2bb8u);
  EXPECT_EQ(sysv_hash("printf"), 0x077905a6u);
}

TEST(ReadTables, CountsSymbolsByTheLastChainOfTheGnuHash) {
  ObjectSpec spec = some_symbols();
  spec.sysv_hash = false;
  EXPECT_EQ(Described(spec).symbols().count, 5u);
}

TEST(ReadTables, CountsSymbolsByTheSysvHash) {
  ObjectSpec spec = some_symbols();
  spec.gnu_hash = false;
  EXPECT_EQ(Described(spec).symbols().count, 5u);
}

TEST(ReadTables, CountsUndefinedSymbolsByRelocationsWhereTheGnuHashIsEmpty) {
  ObjectSpec spec;
  spec.sysv_hash = false;
  spec.symbols = {{.name = "first", .defined = false}, {.name = "second", .defined = false}};
  spec.rela = {{.word = 0, .type = R_X86_64_64, .symbol = "second"}};
  ElfImage image = write_elf(spec);
  image.gnu_hash_word(1) =
      1;  // as linkers write it: the first symbol of an empty table is no count
  Described object(std::move(image));
  EXPECT_EQ(object.symbols().count, 3u);
}

TEST(ReadTables, ObjectWithoutHashHasWhatItsRelocationsName) {
  ObjectSpec spec = some_symbols();
  spec.gnu_hash = spec.sysv_hash = false;
  spec.plt = {{.word = 0, .type = R_X86_64_JUMP_SLOT, .symbol = "beta"}};
  Described object(spec);
  EXPECT_EQ(object.symbols().count, object.image().symbol_index("beta") + 1);
}

TEST(ReadTables, ObjectWithoutSymbolsHasNone) {
  ObjectSpec spec;
  spec.gnu_hash = spec.sysv_hash = false;
  EXPECT_EQ(Described(spec).symbols().count, 0u);
}

TEST(ReadTables, FindsEveryTableWhereTheWriterPutIt) {
  ObjectSpec spec = some_symbols();
  spec.rela = {{.word = 1, .type = R_X86_64_RELATIVE, .addend = 5},
               {.word = 2, .type = R_X86_64_RELATIVE}};
  spec.plt = {{.word = 3, .type = R_X86_64_JUMP_SLOT, .symbol = "needed"}};
  spec.relr = {4, 6, 8};
  Described object(spec);
  const Tables& tables = object.module().tables;
  ASSERT_EQ(tables.rela.size(), 2u);
  EXPECT_EQ(tables.rela[0].r_offset, object.image().word_address(1));
  EXPECT_EQ(tables.rela[0].r_addend, 5);
  ASSERT_EQ(tables.plt.size(), 1u);
  EXPECT_EQ(relocation_symbol(tables.plt[0]), object.image().symbol_index("needed"));
  ASSERT_EQ(tables.relr.size(), 3u);
  EXPECT_EQ(tables.relr[2], object.image().word_address(8));
}

TEST(ReadTables, ReadsAFileAndItsMemoryAlike) {
  ObjectSpec spec = some_symbols();
  spec.data_distance = 0x10000;
  ElfImage image = write_elf(spec);
  ProgramHeaders headers = testing_tools::headers_of(image.bytes.data());
  HeapArena arena;
  Module module;
  auto segments = inspect_segments(headers, SegmentSource::kFile, ByteCount(image.bytes.size()),
                                   PageSize{testing_tools::kPage});
  ASSERT_TRUE(segments);
  module.segments = *segments;
  ImageView view = ImageView::of_file(headers, Address(image.bytes.data()));
  ASSERT_EQ(testing_tools::outcome(describe_tables(module, view, arena)), Error{});
  EXPECT_EQ(module.symbols().count, 5u);
  const Sym* symbol =
      find_symbol(module.symbols(), testing_tools::wanted("gamma"), ReferenceKind::kCall);
  ASSERT_NE(symbol, nullptr);
  EXPECT_STREQ(module.symbols().name(*symbol), "gamma");
}

TEST(ReadTables, TakesTheLargerCountWhenTheHashesDiffer) {
  ElfImage image = write_elf(some_symbols());
  // The gABI hash counts every symbol; a gnu hash may leave the last ones out only if they are undefined.
  image.sysv_hash_word(1) = 4;
  EXPECT_EQ(Described(std::move(image)).symbols().count, 5u);
}

TEST(DescribeTables, GivesNamesOfTheObject) {
  ObjectSpec spec;
  spec.soname = "libobject.so.1";
  spec.needed = {"libfirst.so", "libsecond.so"};
  Described object(spec);
  EXPECT_STREQ(object.module().soname, "libobject.so.1");
  std::vector<std::string> needed;
  Status done = for_each_needed(object.module(), [&](const char* name) -> Status {
    needed.emplace_back(name);
    return {};
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(needed, (std::vector<std::string>{"libfirst.so", "libsecond.so"}));
}

TEST(DescribeTables, StopsAtTheFirstNeededThatIsRefused) {
  ObjectSpec spec;
  spec.needed = {"libfirst.so", "libsecond.so"};
  Described object(spec);
  int visits = 0;
  Status done = for_each_needed(object.module(), [&](const char*) -> Status {
    ++visits;
    return fault(Fault::kLibraryNotFound);
  });
  EXPECT_EQ(done.error(), fault(Fault::kLibraryNotFound));
  EXPECT_EQ(visits, 1);
}

TEST(DescribeTables, NotesTheTlsBlock) {
  ObjectSpec spec;
  spec.tls_image = {1, 2, 3, 4};
  spec.tls_size = 24;
  spec.tls_alignment = 32;
  Described object(spec);
  const TlsBlock& tls = object.module().tls;
  EXPECT_EQ(tls.image, Vaddr(object.image().places.tls));
  EXPECT_EQ(tls.image_size, ByteCount(4));
  EXPECT_EQ(tls.size, ByteCount(24));
  EXPECT_EQ(tls.alignment, 32u);
}

TEST(DescribeTables, StaticObjectWithoutDynamicSectionIsNoError) {
  ElfImage image = write_elf({});
  image.segment(PT_DYNAMIC).p_type = PT_NULL;
  EXPECT_EQ(Described(std::move(image)).symbols().count, 0u);
}

}  // namespace
}  // namespace ldseal
