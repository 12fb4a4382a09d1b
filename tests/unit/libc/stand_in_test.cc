// The stand-in read back: by the loader's own readers, and by libelf.
#include "ldso/libc/stand_in.h"

#include <algorithm>
#include <cstring>
#include <gelf.h>
#include <gtest/gtest.h>
#include <map>

#include "ldso/elf/notes.h"
#include "tests/lib_cc/described.h"

namespace ldseal {
namespace {

using testing_tools::headers_of;
using testing_tools::HeapArena;
using testing_tools::kPage;
using testing_tools::version_named;
using testing_tools::wanted;

StandInPlan plain_plan() {
  StandInPlan plan;
  plan.libc_name = "/lib/x86_64-linux-gnu/libc.so.6";
  plan.interpreter = "/lib64/ld-linux-x86-64.so.2";
  plan.copy_type = R_X86_64_COPY;
  return plan;
}

// A stand-in, described from its memory as libc's rtld would.
class Read {
 public:
  explicit Read(const StandInPlan& plan) {
    stand_in = build_stand_in(plan, arena_);
    auto* start = stand_in.base.as<unsigned char>();
    ProgramHeaders headers = headers_of(start);
    auto segments =
        inspect_segments(headers, SegmentSource::kMemory, ByteCount(0), PageSize{kPage});
    if (!segments) throw std::runtime_error("bad segments");
    module.segments = *segments;
    module.bias = LoadBias(stand_in.base.value);
    Status s = describe_tables(module, ImageView::of_memory(headers, module.bias), arena_);
    if (!s) throw std::runtime_error("bad tables");
  }
  const Sym* find(const char* name, const char* version = nullptr) {
    Version v = version_named(version == nullptr ? "" : version);
    return find_symbol(module.symbols(), wanted(name, version == nullptr ? nullptr : &v),
                       ReferenceKind::kAddress);
  }
  // Of the whole image.
  uint64_t size() const {
    for (const Phdr& ph : module.segments.headers) {
      if (ph.p_type == PT_LOAD) return ph.p_memsz;
    }
    return 0;
  }
  Address address_of(const Sym& s) const { return Vaddr(s.st_value) + module.bias; }

  StandIn stand_in;
  Module module;

 private:
  HeapArena arena_;
};

TEST(StandIn, NeedsLibcAndNothingElse) {
  Read read(plain_plan());
  std::vector<std::string> needed;
  Status done = for_each_needed(read.module, [&](const char* name) -> Status {
    needed.emplace_back(name);
    return {};
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(needed, std::vector<std::string>{"/lib/x86_64-linux-gnu/libc.so.6"});
}

TEST(StandIn, HasTheHeadersThatGlibcAsserts) {
  Read read(plain_plan());
  std::vector<uint32_t> types;
  for (const Phdr& ph : read.module.segments.headers) types.push_back(ph.p_type);
  EXPECT_EQ(types, (std::vector<uint32_t>{PT_PHDR, PT_INTERP, PT_LOAD, PT_DYNAMIC, PT_GNU_STACK,
                                          PT_NULL, PT_NULL}));
  EXPECT_EQ(read.stand_in.header_count, types.size());
  EXPECT_EQ(read.stand_in.headers, Address(read.module.segments.headers.data()));
  EXPECT_EQ(Vaddr(read.module.segments.own_headers->p_vaddr) + read.module.bias,
            read.stand_in.headers);
}

TEST(StandIn, IsNotWritableToLibcsEyes) {
  // musl gives the rest of a writable segment's last page to malloc.
  Read read(plain_plan());
  for (const Phdr& ph : read.module.segments.headers) {
    if (ph.p_type == PT_LOAD) {
      EXPECT_EQ(ph.p_flags & PF_W, 0u);
    }
  }
}

TEST(StandIn, AsksForStacksOfTheSizeInThePlan) {
  StandInPlan plan = plain_plan();
  EXPECT_EQ(Read(plan).module.segments.stack->p_memsz, 0u);
  plan.stack_size = ByteCount(0x123000);
  Read read(plan);
  EXPECT_EQ(read.module.segments.stack->p_memsz, 0x123000u);
  EXPECT_EQ(read.module.segments.stack->p_flags, uint32_t{PF_R | PF_W});
}

TEST(StandIn, NamesTheInterpreter) {
  Read read(plain_plan());
  const Phdr* ph = read.module.segments.interpreter;
  ASSERT_NE(ph, nullptr);
  EXPECT_STREQ((Vaddr(ph->p_vaddr) + read.module.bias).as<const char>(),
               "/lib64/ld-linux-x86-64.so.2");
  EXPECT_EQ(ph->p_filesz, std::strlen("/lib64/ld-linux-x86-64.so.2") + 1);
}

TEST(StandIn, HasTheLoadBiasThatIsAskedFor) {
  HeapArena arena;
  StandInPlan plan = plain_plan();
  plan.bias = LoadBias(0x7000'0000'0000);
  StandIn stand_in = build_stand_in(plan, arena);
  for (const Phdr& ph : headers_of(stand_in.base.as<unsigned char>())) {
    if (ph.p_type != PT_PHDR && ph.p_type != PT_LOAD && ph.p_type != PT_DYNAMIC) continue;
    EXPECT_EQ(Vaddr(ph.p_vaddr) + *plan.bias, stand_in.base + ByteCount(ph.p_offset));
  }
}

TEST(StandIn, SaysWhatTheCodeKeepsToThatItStandsFor) {
  constexpr uint32_t kProperty = 0xc0000002;
  StandInPlan plan = plain_plan();
  plan.feature_property = kProperty;
  plan.features = 5;
  Read read(plan);
  const Phdr* segment = find_feature_segment(read.module.segments.headers, false);
  ASSERT_NE(segment, nullptr);
  Address at = Vaddr(segment->p_vaddr) + read.module.bias;
  EXPECT_EQ(at.value % 8, 0u);
  EXPECT_EQ(read_features({at.as<const void>(), segment->p_filesz}, kProperty), 5u);
}

TEST(StandIn, IsAnElfFileToLibelf) {
  elf_version(EV_CURRENT);
  Read read(plain_plan());
  Elf* elf = elf_memory(read.stand_in.base.as<char>(), read.size());
  ASSERT_NE(elf, nullptr);
  EXPECT_EQ(elf_kind(elf), ELF_K_ELF);
  GElf_Ehdr header;
  ASSERT_NE(gelf_getehdr(elf, &header), nullptr) << elf_errmsg(-1);
  EXPECT_EQ(header.e_type, ET_DYN);
  size_t count = 0;
  ASSERT_EQ(elf_getphdrnum(elf, &count), 0) << elf_errmsg(-1);
  EXPECT_EQ(count, read.stand_in.header_count);
  GElf_Phdr dynamic;
  ASSERT_NE(gelf_getphdr(elf, 3, &dynamic), nullptr);
  Elf_Data* data = elf_getdata_rawchunk(elf, static_cast<int64_t>(dynamic.p_offset),
                                        dynamic.p_filesz, ELF_T_DYN);
  ASSERT_NE(data, nullptr) << elf_errmsg(-1);
  GElf_Dyn first;
  ASSERT_NE(gelf_getdyn(data, 0, &first), nullptr);
  EXPECT_EQ(first.d_tag, DT_NEEDED);
  elf_end(elf);
}

TEST(StandIn, DefinesNamesAtPlacesAnywhereInTheProcess) {
  static int above;
  int below = 0;  // on the stack: far from the mapping, on its other side
  StandInSymbol symbols[] = {{"malloc", Address(&above), 4, STT_FUNC, nullptr, false},
                             {"free", Address(&below), 4, STT_FUNC, nullptr, false},
                             {"environ", Address(uint64_t{0x10}), 8, STT_OBJECT, nullptr, false}};
  StandInPlan plan = plain_plan();
  plan.symbols = symbols;
  Read read(plan);
  for (const StandInSymbol& s : symbols) {
    const Sym* found = read.find(s.name);
    ASSERT_NE(found, nullptr) << s.name;
    EXPECT_EQ(read.address_of(*found), s.value) << s.name;
    EXPECT_EQ(found->st_size, s.size);
    EXPECT_EQ(symbol_type(*found), s.type);
  }
  EXPECT_EQ(read.find("calloc"), nullptr);
}

TEST(StandIn, ADefinitionAnswersEveryVersion) {
  static int place;
  StandInSymbol symbols[] = {{"malloc", Address(&place), 4, STT_FUNC, nullptr, false},
                             {"stdout", Address(&place), 8, STT_OBJECT, "GLIBC_2.2.5", true}};
  StandInPlan plan = plain_plan();
  plan.symbols = symbols;
  Read read(plan);
  EXPECT_NE(read.find("malloc", "GLIBC_2.17"), nullptr);
  EXPECT_NE(read.find("malloc"), nullptr);
}

TEST(StandIn, AsksForTheCopiesAndForNothingElse) {
  static long out, plain;
  StandInSymbol symbols[] = {{"plain", Address(&plain), 8, STT_OBJECT, nullptr, false},
                             {"stdout", Address(&out), 8, STT_OBJECT, nullptr, true}};
  StandInPlan plan = plain_plan();
  plan.symbols = symbols;
  Read read(plan);
  ASSERT_EQ(read.module.tables.rela.size(), 1u);
  const Rela& copy = read.module.tables.rela[0];
  EXPECT_EQ(relocation_type(copy), static_cast<uint32_t>(R_X86_64_COPY));
  EXPECT_EQ(Vaddr(copy.r_offset) + read.module.bias, Address(&out));
  const SymbolTable& table = read.module.symbols();
  EXPECT_STREQ(table.name(table.symbols[relocation_symbol(copy)]), "stdout");
}

TEST(StandIn, ACopyNeedsTheVersionOfLibcsObject) {
  static long places[3];
  StandInSymbol symbols[] = {{"stdout", Address(&places[0]), 8, STT_OBJECT, "GLIBC_2.2.5", true},
                             {"optind", Address(&places[1]), 4, STT_OBJECT, nullptr, true},
                             {"stderr", Address(&places[2]), 8, STT_OBJECT, "GLIBC_2.17", true}};
  StandInPlan plan = plain_plan();
  plan.symbols = symbols;
  Read read(plan);
  const SymbolTable& table = read.module.symbols();
  std::map<std::string, std::string> versions;
  for (const Rela& r : read.module.tables.rela) {
    uint32_t index = relocation_symbol(r);
    const Version* v = table.version_of(index);
    versions[table.name(table.symbols[index])] = v == nullptr ? "" : v->name;
    if (v != nullptr) {
      EXPECT_STREQ(v->file, plan.libc_name);
    }
  }
  EXPECT_EQ(versions, (std::map<std::string, std::string>{
                          {"stdout", "GLIBC_2.2.5"}, {"optind", ""}, {"stderr", "GLIBC_2.17"}}));
}

TEST(StandIn, HasRtldCallTheResolverOfThePlan) {
  StandInPlan plan = plain_plan();
  plan.irelative_type = R_X86_64_IRELATIVE;
  plan.resolver = Address(0x1234'5678'9000);
  Read read(plan);
  ASSERT_EQ(read.module.tables.rela.size(), 1u);
  const Rela& r = read.module.tables.rela[0];
  EXPECT_EQ(relocation_type(r), uint32_t{R_X86_64_IRELATIVE});
  EXPECT_EQ(relocation_symbol(r), 0u);
  EXPECT_EQ(Vaddr(static_cast<uint64_t>(r.r_addend)) + read.module.bias, plan.resolver);
  // What the resolver returns is stored in a word that belongs to nothing else.
  EXPECT_LE(r.r_offset + sizeof(uint64_t), read.size());
  EXPECT_EQ(*(Vaddr(r.r_offset) + read.module.bias).as<const uint64_t>(), 0u);
}

TEST(StandIn, WithoutVersionedCopiesHasNoVersionTables) {
  Read read(plain_plan());
  EXPECT_FALSE(read.module.dynamic.version_symbols.present);
  EXPECT_FALSE(read.module.dynamic.version_needs.present);
}

TEST(StandIn, MirrorsTheProgramsConstructors) {
  static uint64_t array[3];
  StandInPlan plan = plain_plan();
  plan.init = Address(uint64_t{0x1234560});
  plan.init_array = {Address(&array[0]), Address(&array[3])};
  HeapArena arena;
  StandIn stand_in = build_stand_in(plan, arena);
  // The array lies outside the stand-in, which describe_tables would refuse of any other object.
  const Phdr& section = stand_in.headers.as<const Phdr>()[3];
  ASSERT_EQ(section.p_type, static_cast<uint32_t>(PT_DYNAMIC));
  LoadBias bias(stand_in.base.value);
  auto dynamic = read_dynamic(
      {(Vaddr(section.p_vaddr) + bias).as<const Dyn>(), section.p_memsz / sizeof(Dyn)});
  ASSERT_TRUE(dynamic);
  const Dynamic& d = *dynamic;
  EXPECT_EQ(d.init.value + bias, plan.init);
  EXPECT_EQ(d.init_array.start + bias, plan.init_array.start);
  EXPECT_EQ(d.init_array.size, ByteCount(24));
}

// A libc that follows its list of objects at exit finds no destructor there.
TEST(StandIn, HasNoDestructors) {
  StandInPlan plan = plain_plan();
  static uint64_t array[1];
  plan.init_array = {Address(&array[0]), Address(&array[1])};
  HeapArena arena;
  StandIn stand_in = build_stand_in(plan, arena);
  const Phdr& section = stand_in.headers.as<const Phdr>()[3];
  const Dyn* entry = (Vaddr(section.p_vaddr) + LoadBias(stand_in.base.value)).as<const Dyn>();
  for (; entry->d_tag != DT_NULL; ++entry) {
    EXPECT_NE(entry->d_tag, DT_FINI);
    EXPECT_NE(entry->d_tag, DT_FINI_ARRAY);
  }
}

TEST(StandIn, WithoutConstructorsMentionsNone) {
  Read read(plain_plan());
  EXPECT_FALSE(read.module.dynamic.init.present);
  EXPECT_EQ(read.module.dynamic.init_array.size, ByteCount(0));
}

TEST(StandIn, HasAPlaceForTheDebuggersAddress) {
  Read read(plain_plan());
  ASSERT_NE(read.stand_in.debug, nullptr);
  EXPECT_EQ(read.stand_in.debug->d_tag, DT_DEBUG);
  auto into = Address(read.stand_in.debug) - read.stand_in.base;
  EXPECT_LT(into.value, read.size());
}

struct TlsCase {
  uint64_t size, alignment;
  int64_t start;
};
class StandInTls : public testing::TestWithParam<TlsCase> {};
INSTANTIATE_TEST_SUITE_P(Shapes, StandInTls,
                         testing::Values(TlsCase{64, 16, -64}, TlsCase{100, 8, 16},
                                         TlsCase{0x2000, 0x1000, -0x2000}, TlsCase{48, 64, 16},
                                         TlsCase{256, 0x10000, 16}));

// The image lies apart from the stand-in, where it can be written.
TEST_P(StandInTls, BlockHasSizeAlignmentAndSkewOfTheLayout) {
  StandInPlan plan = plain_plan();
  plan.tls.size = ByteCount(GetParam().size);
  plan.tls.alignment = GetParam().alignment;
  plan.tls.start = GetParam().start;
  uint64_t mask = plan.tls.alignment - 1;
  HeapArena memory;
  uint64_t skew = static_cast<uint64_t>(plan.tls.start) & mask;
  plan.tls_image =
      Address(memory.allocate(skew + GetParam().size, plan.tls.alignment)) + ByteCount(skew);
  HeapArena arena;
  StandIn stand_in = build_stand_in(plan, arena);
  ProgramHeaders headers = headers_of(stand_in.base.as<unsigned char>());
  auto tls = std::find_if(headers.begin(), headers.end(),
                          [](const Phdr& ph) { return ph.p_type == PT_TLS; });
  ASSERT_NE(tls, headers.end());
  EXPECT_EQ(tls->p_memsz, GetParam().size);
  EXPECT_EQ(tls->p_filesz, GetParam().size);
  EXPECT_EQ(tls->p_align, GetParam().alignment);
  EXPECT_EQ(Vaddr(tls->p_vaddr) + LoadBias(stand_in.base.value), plan.tls_image);
  EXPECT_EQ(tls->p_vaddr & mask, skew);
}

}  // namespace
}  // namespace ldseal
