// Every case against the readers, as mapping an object calls them, and against linking it.
#include <cstring>
#include <gtest/gtest.h>

#include "ldso/elf/header.h"
#include "ldso/link/linker.h"
#include "ldso/link/tls_layout.h"
#include "ldso/link/version_check.h"
#include "ldso/seal/policy.h"
#include "tests/damage/damage_case.h"
#include "tests/lib_cc/described.h"

namespace ldseal::damage {
namespace {

using testing_tools::Described;
using testing_tools::HeapArena;
using testing_tools::outcome;

constexpr const char* kName = "damaged.so";

// The segments of a file where the program headers want them, from the first page on.
std::vector<unsigned char> lay_out(const std::vector<unsigned char>& file,
                                   const Segments& segments) {
  std::vector<unsigned char> memory(segments.end.value - segments.start.value);
  for (const Phdr& ph : segments.headers) {
    if (ph.p_type != PT_LOAD) continue;
    std::memcpy(&memory[ph.p_vaddr - segments.start.value], &file[ph.p_offset], ph.p_filesz);
  }
  return memory;
}

// Reads a file up to the first error, and links it.
class Reader {
 public:
  explicit Reader(ElfImage needed = testing_tools::write_elf(needed_object()))
      : needed_(std::move(needed)) {
    needed_.module().path = "libneeded.so";
  }
  // The error points into what this has read.
  Error read(const std::vector<unsigned char>& file, ModuleKind kind) {
    constexpr size_t kFirstBytes = 1024;
    ByteView start(file.data(), std::min(file.size(), kFirstBytes));
    auto header = read_header(start, ByteCount(file.size()), EM_X86_64);
    if (!header) return header.error();
    headers_.resize(header->e_phnum);
    std::memcpy(headers_.data(), &file[header->e_phoff], headers_.size() * sizeof(Phdr));
    auto segments = inspect_segments({headers_.data(), headers_.size()}, SegmentSource::kFile,
                                     ByteCount(file.size()), PageSize{kPage});
    if (!segments) return segments.error();
    memory_ = lay_out(file, *segments);
    module_.kind = kind;
    module_.path = module_.file_path = kName;
    module_.segments = *segments;
    module_.bias = bias_between(Address(memory_.data()), segments->start);
    module_.span = {segments->start + module_.bias, segments->end + module_.bias};
    ImageView image = ImageView::of_memory(module_.segments.headers, module_.bias);
    if (Status s = describe_tables(module_, image, arena_); !s) return s.error();
    Error error = link();
    bool has_a_say = kind == ModuleKind::kProgram && error.fault == Fault::kNone;
    return has_a_say ? note_error(image) : error;
  }

 private:
  Error link() {
    Module* modules[] = {&module_, &needed_.module()};
    needed_.module().position = 1;
    auto find = [](const char* name, void* context) -> Module* {
      return std::strcmp(name, "libneeded.so") == 0 ? static_cast<Module*>(context) : nullptr;
    };
    if (Status s = check_versions(module_, find, modules[1]); !s) return s.error();
    auto tls = lay_out_tls(modules, TlsVariant::kBelowThreadPointer, 0, TlsRoom::kNone);
    if (!tls) return tls.error();
    Scope scope;
    scope.build(modules, UINT64_MAX, arena_);
    Linker linker(scope, LinkPolicy::of_start_up(scope), {}, 0, 0, PageSize{kPage}, arena_);
    if (Status s = linker.relocate(module_); !s) return s.error();
    return linker.missing().empty() ? Error{} : linker.missing()[0];
  }

  Error note_error(const ImageView& image) {
    Policy policy;
    return outcome(apply_note(policy, module_.segments.headers, image, kName, arena_));
  }

  Described needed_;
  HeapArena arena_;
  std::vector<Phdr> headers_;
  std::vector<unsigned char> memory_;
  Module module_;
};

TEST(Damage, ARightObjectHasNoFault) {
  Reader reader;
  EXPECT_EQ(reader.read(testing_tools::write_elf(right_object()).bytes, ModuleKind::kLibrary),
            Error{});
}

class Damaged : public testing::TestWithParam<DamageCase> {};
INSTANTIATE_TEST_SUITE_P(File, Damaged, testing::ValuesIn(all_cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(Damaged, GivesExactlyItsError) {
  DamagedFile file = make(GetParam());
  if (GetParam().stage >= Stage::kTables) file.expected.object = kName;
  if (file.expected.name == kItself) file.expected.name = kName;
  Reader reader;
  EXPECT_EQ(reader.read(file.image.bytes, GetParam().kind), file.expected);
}

// A program that copies eight bytes of what the needed object defines.
ObjectSpec copying_program() {
  ObjectSpec spec = right_object();
  spec.rela.push_back({.word = 9, .type = R_X86_64_COPY, .symbol = "from_needed@N1"});
  return spec;
}

ElfImage provider(const std::function<void(Sym&)>& damage) {
  ElfImage needed = testing_tools::write_elf(needed_object());
  damage(needed.symbol("from_needed@N1"));
  return needed;
}

TEST(DamagedProvider, ARightSourceIsCopied) {
  Reader reader(provider([](Sym&) {}));
  EXPECT_EQ(reader.read(testing_tools::write_elf(copying_program()).bytes, ModuleKind::kProgram),
            Error{});
}

TEST(DamagedProvider, ASourceOutsideItsObjectIsNotCopied) {
  Error expected = error_at(Place::kVaddr, 0x10000000, fault(Fault::kCopySourceOutside));
  expected.found = R_X86_64_COPY;
  expected.object = "libneeded.so";
  expected.name = "from_needed";
  Reader reader(provider([](Sym& s) { s.st_value = 0x10000000; }));
  EXPECT_EQ(reader.read(testing_tools::write_elf(copying_program()).bytes, ModuleKind::kProgram),
            expected);
}

TEST(DamagedProvider, AnAbsoluteSourceIsNotCopied) {
  Reader reader(provider([](Sym& s) { s.st_shndx = SHN_ABS; }));
  Error error =
      reader.read(testing_tools::write_elf(copying_program()).bytes, ModuleKind::kProgram);
  EXPECT_EQ(error.fault, Fault::kCopySourceOutside);
}

}  // namespace

// gtest finds it by the parameter's type.
void PrintTo(const DamageCase& which, std::ostream* out) { *out << which.name; }

}  // namespace ldseal::damage
