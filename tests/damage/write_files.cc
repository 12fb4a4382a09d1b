// Writes every case as files, for the real loader to meet: write-damaged-files FOLDER
//   FOLDER/NAME.so           the damaged object
//   FOLDER/NAME              a right program that needs it
//   FOLDER/NAME.expected     two lines: what the loader says of it as a library, and as the program; "-": nothing to say
//   FOLDER/libneeded.so      what both need
//   FOLDER/Right.so, Right   the same without damage
//   FOLDER/FarInit.so, FarFini.so, FarInit, FarFini   with a constructor, a destructor, at address 0x10
//   FOLDER/NeedsLibc, libc.so.6   a program that needs a libc that is none
// write-damaged-files --names prints the names of the cases.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/damage/damage_case.h"

namespace ldseal::damage {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, const std::vector<unsigned char>& bytes) {
  std::ofstream stream(path, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + path.string());
  fs::permissions(path, fs::perms::owner_exec, fs::perm_options::add);
}

ObjectSpec program_that_needs(const std::string& library) {
  ObjectSpec spec;
  spec.needed = {library};
  spec.code = right_object().code;
  spec.entry = true;
  return spec;
}

std::string line(Error e, const fs::path& path) {
  fs::path needed = path.parent_path() / "libneeded.so";
  e.object = path.c_str();
  if (e.name == kItself) e.name = path.c_str();
  if (e.fault == Fault::kVersionMissing) e.name = needed.c_str();
  return "ld-seal: " + testing_tools::sentence(e);
}

bool is_foreign(Fault f) { return f == Fault::kBadMachine || f == Fault::kBadClass; }

void write_case(const DamageCase& which, const fs::path& folder) {
  DamagedFile file = make(which);
  fs::path path = folder / (std::string(which.name) + ".so");
  write_file(path, file.image.bytes);
  write_file(folder / which.name,
             testing_tools::write_elf(program_that_needs(path.filename())).bytes);
  // A search passes over foreign files; a COPY belongs into a program. A limit of ours is not that of
  // libc's own loader, which says it in its own words.
  Fault f = file.expected.fault;
  bool is_left = f == Fault::kTlsTooLarge;
  bool as_library = which.kind == ModuleKind::kLibrary && !is_foreign(f) && !is_left;
  bool as_program = f != Fault::kCopyOutsideProgram && !is_left;
  std::ofstream expected(folder / (std::string(which.name) + ".expected"));
  expected << (as_library ? line(file.expected, path) : "-") << '\n'
           << (as_program ? line(file.expected, path) : "-") << '\n';
}

void write_with_far_functions(const fs::path& folder) {
  for (const char* name : {"FarInit", "FarFini"}) {
    ObjectSpec spec = right_object();
    (name == std::string("FarInit") ? spec.init_array : spec.fini_array) = {0x10};
    std::string library = std::string(name) + ".so";
    write_file(folder / library, testing_tools::write_elf(spec).bytes);
    write_file(folder / name, testing_tools::write_elf(program_that_needs(library)).bytes);
  }
}

void write_all(const fs::path& folder) {
  fs::create_directories(folder);
  write_file(folder / "libneeded.so", testing_tools::write_elf(needed_object()).bytes);
  write_file(folder / "Right.so", testing_tools::write_elf(right_object()).bytes);
  write_file(folder / "Right", testing_tools::write_elf(program_that_needs("Right.so")).bytes);
  write_with_far_functions(folder);
  write_file(folder / "NeedsLibc", testing_tools::write_elf(program_that_needs("libc.so.6")).bytes);
  write_file(folder / "libc.so.6",
             testing_tools::write_elf(ObjectSpec{.soname = "libc.so.6"}).bytes);
  for (const DamageCase& which : all_cases()) write_case(which, folder);
}

}  // namespace
}  // namespace ldseal::damage

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write-damaged-files FOLDER | --names\n";
    return 2;
  }
  if (std::string(argv[1]) == "--names") {
    for (const auto& which : ldseal::damage::all_cases()) std::cout << which.name << '\n';
    return 0;
  }
  ldseal::damage::write_all(std::filesystem::absolute(argv[1]));
}
