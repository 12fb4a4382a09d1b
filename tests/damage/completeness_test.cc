// Every fault is produced by a case of this folder, or stands here with the place where it is.
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "tests/damage/damage_case.h"

namespace ldseal::damage {
namespace {

// The faults that no damage to an object's bytes can produce.
const std::map<Fault, const char*> kElsewhere = {
    {Fault::kNone, "no error"},
    {Fault::kCannotOpen, "the kernel: tests/unit/image"},
    {Fault::kCannotRead, "the kernel: tests/unit/image"},
    {Fault::kCannotStat, "the kernel: tests/unit/image"},
    {Fault::kIsDirectory, "what the path names: tests/unit/image"},
    {Fault::kNotRegular, "what the path names: tests/unit/image"},
    {Fault::kCannotMap, "the kernel: tests/unit/image"},
    {Fault::kCannotProtect, "the kernel: tests/unit/image"},
    {Fault::kLibraryNotFound, "the search: tests/unit/image"},
    {Fault::kProgramHeadersNotMapped,
     "start-up, with a program from the command line: test_damaged_files.py"},
    {Fault::kProgramHeadersElsewhere,
     "start-up, with a program that the kernel has mapped: test_mapped_programs.py"},
    {Fault::kSegmentTruncated,
     "start-up, with a program that the kernel has mapped: test_mapped_programs.py"},
    {Fault::kNotAProgram, "start-up, with a program from the command line: test_damaged_files.py"},
    {Fault::kCopySourceOutside, "the object that defines the symbol: damage_test.cc"},
    {Fault::kBadOption, "the command line: tests/unit/start"},
    {Fault::kMissingArgument, "the command line: tests/unit/start"},
    {Fault::kUnknownDebugWord, "the environment: tests/run"},
    {Fault::kCannotSeal,
     "a kernel or a filter without mseal, under `require`: tests/seal/test_refusing_kernels.py"},
    {Fault::kSystemMappingsUnknown, "the address space around the vDSO: tests/seal"},
    {Fault::kNoStandardDescriptor, "a machine without /dev/null: tests/secure"},
    {Fault::kBadStack, "a kernel that gives no AT_PHDR: none does"},
    {Fault::kUnknownGuardWord, "the environment: tests/threads"},
    {Fault::kNoPageTableGuards, "a kernel without guards: tests/threads"},
    {Fault::kTlsSurplusUsedUp, "what is open already: tests/dl"},
    {Fault::kTlsAlreadyDynamic, "what is open already: tests/dl"},
    {Fault::kBadOpenMode, "the caller of dlopen: tests/dl"},
    {Fault::kNotForOpening, "the caller of dlopen: tests/dl"},
    {Fault::kNotLoaded, "the caller of dlopen: tests/dl"},
    {Fault::kBadHandle, "the caller of dlsym and dlclose: tests/dl"},
    {Fault::kNewNamespace, "the caller of dlmopen: tests/dl"},
    {Fault::kNextOutside, "the caller of dlsym: tests/dl"},
    {Fault::kUnknownRequest, "the caller of dlinfo: tests/dl"},
    {Fault::kHasLoader, "how a program is linked: tests/crt"},
    {Fault::kLibcUnusable, "a libc that is none: test_damaged_files.py"},
};

std::set<Fault> produced() {
  std::set<Fault> faults;
  for (const DamageCase& c : all_cases()) faults.insert(make(c).expected.fault);
  return faults;
}

TEST(Completeness, EveryFaultIsProducedByACaseOrExcusedWithAReason) {
  std::set<Fault> here = produced();
  for (int f = 0; f < static_cast<int>(Fault::kCount); ++f) {
    auto which = static_cast<Fault>(f);
    bool covered = here.count(which) != 0 || kElsewhere.count(which) != 0;
    EXPECT_TRUE(covered) << "fault " << f << ": " << testing_tools::sentence(fault(which));
  }
}

TEST(Completeness, NothingIsExcusedThatACaseProduces) {
  std::set<Fault> here = produced();
  for (const auto& [which, reason] : kElsewhere) EXPECT_EQ(here.count(which), 0u) << reason;
}

TEST(Completeness, NamesOfCasesAreTheirOwn) {
  std::set<std::string> names;
  for (const DamageCase& c : all_cases()) EXPECT_TRUE(names.insert(c.name).second) << c.name;
}

}  // namespace
}  // namespace ldseal::damage
