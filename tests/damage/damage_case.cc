#include "tests/damage/damage_case.h"

namespace ldseal::damage {

// mov $42, %edi; mov $231, %eax (exit_group); syscall
const std::vector<unsigned char> kExitCode = {0xbf, 42, 0, 0, 0, 0xb8, 231, 0, 0, 0, 0x0f, 0x05};

ObjectSpec right_object() {
  ObjectSpec spec;
  spec.soname = "libright.so";
  spec.needed = {"libneeded.so"};
  spec.symbols = {
      {.name = "alpha", .version = "V1"},
      {.name = "beta", .version = "V2"},
      {.name = "gamma", .version = "V2"},
      {.name = "from_needed", .version = "N1", .library = "libneeded.so", .defined = false},
      {.name = "counter", .version = "V1", .type = STT_TLS, .value = 0}};
  spec.rela = {{.word = 0, .type = R_X86_64_RELATIVE, .addend = 0x40},
               {.word = 1, .type = R_X86_64_64, .symbol = "alpha@V1"},
               {.word = 2, .type = R_X86_64_GLOB_DAT, .symbol = "from_needed@N1"},
               {.word = 3, .type = R_X86_64_DTPMOD64, .symbol = "counter@V1"},
               {.word = 4, .type = R_X86_64_DTPOFF64, .symbol = "counter@V1"}};
  spec.relative_count = 1;
  spec.plt = {{.word = 5, .type = R_X86_64_JUMP_SLOT, .symbol = "from_needed@N1"}};
  spec.relr = {6, 8};
  spec.tls_image = {1, 2, 3, 4};
  spec.tls_size = 16;
  spec.code = kExitCode;
  spec.entry = true;
  return spec;
}

ObjectSpec needed_object() {
  ObjectSpec spec;
  spec.soname = "libneeded.so";
  spec.symbols = {{.name = "from_needed", .version = "N1"}};
  return spec;
}

std::vector<DamageCase> all_cases() {
  std::vector<DamageCase> all;
  for (const auto* cases : {&header_cases(), &segment_cases(), &dynamic_cases(), &table_cases(),
                            &hash_cases(), &version_cases(), &link_cases(), &note_cases()}) {
    all.insert(all.end(), cases->begin(), cases->end());
  }
  return all;
}

DamagedFile make(const DamageCase& which) {
  ObjectSpec spec = right_object();
  if (which.prepare) which.prepare(spec);
  DamagedFile file{testing_tools::write_elf(spec), {}};
  file.expected = which.damage(file.image);
  return file;
}

}  // namespace ldseal::damage
