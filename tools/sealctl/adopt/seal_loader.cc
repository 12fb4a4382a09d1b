// See seal_loader.h.
#include "tools/sealctl/adopt/seal_loader.h"

#include "tools/sealctl/adopt/elf_program.h"
#include "tools/sealctl/adopt/refused.h"
#include "tools/sealctl/adopt/rewrite.h"

namespace sealctl {
namespace {

constexpr mode_t kReadAndRun = S_IROTH | S_IXOTH;

void check_is_seal_loader(const Root& root, const Machine& machine) {
  const OpenProgram loader = open_program(root.real_place(std::string(machine.seal_name)));
  const ElfProgram elf = read_elf(loader.file.get());
  const std::string wanted = base_name(machine.seal_name);
  if (elf.machine != &machine)
    throw Refused(fmt::format("is for {} instead of {}", elf.machine->name, machine.name));
  if (elf.soname != wanted)
    throw Refused(fmt::format("DT_SONAME is \"{}\" instead of {}", elf.soname, wanted));
  const mode_t mode = loader.status.st_mode;
  if (loader.status.st_uid != 0 || (mode & (S_IWGRP | S_IWOTH)) != 0)
    throw Refused(fmt::format("user {}, mode {:04o}: others than root may change it",
                              loader.status.st_uid, mode & 07777));
  if ((mode & kReadAndRun) != kReadAndRun)
    throw Refused(fmt::format("mode {:04o}: not every user may read and run it", mode & 07777));
}

}  // namespace

void check_seal_loader(const Root& root, const Machine& machine) {
  try {
    check_is_seal_loader(root, machine);
  } catch (const Refused& refused) {
    throw Refused(fmt::format("the loader {}: {}", root.shown(machine.seal_name), refused.what()));
  }
}

}  // namespace sealctl
