// Every fault is produced by a case of this folder, or stands here with the place where it is.
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <set>

#include "tests/damage/damage_case.h"

namespace ldseal::damage {
namespace {

struct Excuse {
  const char* reason;  // what produces the fault
  const char* file;    // below tests/: where it is tested
  const char* text;    // what stands there
};

// The faults that no damage to an object's bytes can produce.
const std::map<Fault, Excuse> kElsewhere = {
    {Fault::kCannotOpen, {"the kernel", "unit/image/map_file_open_test.cc", "kCannotOpen"}},
    {Fault::kCannotRead, {"the kernel", "unit/image/map_file_copies_test.cc", "kCannotRead"}},
    {Fault::kCannotStat, {"the kernel", "unit/image/map_file_open_test.cc", "kCannotStat"}},
    {Fault::kIsDirectory, {"a path", "unit/image/map_file_open_test.cc", "kIsDirectory"}},
    {Fault::kNotRegular, {"a path", "unit/image/map_file_open_test.cc", "kNotRegular"}},
    {Fault::kCannotMap, {"the kernel", "unit/mem/mapping_test.cc", "kCannotMap"}},
    {Fault::kCannotProtect, {"the kernel", "unit/mem/mapping_test.cc", "kCannotProtect"}},
    {Fault::kLibraryNotFound, {"the search", "unit/image/search_test.cc", "kLibraryNotFound"}},
    {Fault::kProgramHeadersNotMapped,
     {"a program on the command line", "damage/test_damaged_files.py",
      "program headers are in no PT_LOAD"}},
    {Fault::kProgramHeadersElsewhere,
     {"a program that the kernel has mapped", "damage/test_mapped_programs.py",
      "and the program headers are at"}},
    {Fault::kSegmentTruncated,
     {"a program that the kernel has mapped", "damage/test_mapped_programs.py",
      "is beyond the file's end"}},
    {Fault::kNotAProgram,
     {"a program on the command line", "damage/test_damaged_files.py",
      "is not a program: e_entry"}},
    {Fault::kCopySourceOutside,
     {"the object that defines the symbol", "damage/damage_test.cc", "kCopySourceOutside"}},
    {Fault::kCopySizeDiffers,
     {"the object that defines the symbol", "run/test_warnings.py",
      "has different size in shared object"}},
    {Fault::kNoVersionInformation,
     {"the object that is needed", "run/test_warnings.py", "no version information available"}},
    {Fault::kWeakVersionMissing,
     {"the object that is needed", "run/test_warnings.py", "weak version `"}},
    {Fault::kIsaLevelTooLow,
     {"the object that asks for it", "run/test_isa_level.py", "needs level 5"}},
    {Fault::kExecutableStack,
     {"what ld-seal does not do", "run/test_giving_way.py", "asks for an executable stack"}},
    {Fault::kHasTextRelocations,
     {"what ld-seal does not do", "run/test_giving_way.py", "has text relocations"}},
    {Fault::kIsAudited, {"the environment", "run/test_giving_way.py", "is to be audited"}},
    {Fault::kIsProfiled, {"the environment", "run/test_giving_way.py", "is to be profiled"}},
    {Fault::kBadOption, {"the command line", "unit/start/options_test.cc", "kBadOption"}},
    {Fault::kMissingArgument,
     {"the command line", "unit/start/options_test.cc", "kMissingArgument"}},
    {Fault::kUnknownDebugWord, {"the environment", "run/test_traces.py", "LD_DEBUG: unknown word"}},
    {Fault::kCannotSeal,
     {"a kernel or a filter without mseal, under `require`", "seal/test_refusing_kernels.py",
      "text cannot be sealed, as the policy requires"}},
    {Fault::kSystemMappingsUnknown,
     {"the address space around the vDSO", "seal/test_refusing_kernels.py",
      "vDSO: cannot be sealed, as the policy requires"}},
    {Fault::kNoStandardDescriptor,
     {"a machine without /dev/null", "unit/sys/secure_execution_test.cc", "kNoStandardDescriptor"}},
    {Fault::kUnknownGuardWord,
     {"the environment", "unit/threads/stack_guards_test.cc", "kUnknownGuardWord"}},
    {Fault::kNoPageTableGuards,
     {"a kernel without guards", "threads/test_guard_words.py", "madv is not possible"}},
    {Fault::kTlsSurplusUsedUp,
     {"what is open already", "unit/threads/tls_modules_static_test.cc", "kTlsSurplusUsedUp"}},
    {Fault::kTlsAlreadyDynamic,
     {"what is open already", "unit/threads/tls_modules_static_test.cc", "kTlsAlreadyDynamic"}},
    {Fault::kBadOpenMode,
     {"the caller of dlopen", "dl/test_opening_errors.py", "test_a_mode_without_a_time_to_bind"}},
    {Fault::kNotForOpening,
     {"the caller of dlopen", "dl/test_opening_errors.py", "cannot be opened: "}},
    {Fault::kProcessEnds,
     {"the caller of dlopen", "dl/cases/as_libc/opens_at_exit.c", "while the process ends"}},
    {Fault::kNotLoaded, {"the caller of musl's dlopen", "dl/cases/as_libc/words.c", "RTLD_NOLOAD"}},
    {Fault::kBadHandle,
     {"the caller of dlsym and dlclose", "dl/test_opening_errors.py",
      "is not the handle of an open object"}},
    {Fault::kNotOpen,
     {"the caller of dlclose", "dl/cases/as_libc/close_again.c",
      "Closing once more than was opened"}},
    {Fault::kLookupFailed,
     {"the caller of dlsym", "dl/test_opening_errors.py", "test_a_question_without_an_answer"}},
    {Fault::kNewNamespace,
     {"the caller of dlmopen", "dl/test_opening_errors.py",
      "this libc has no other namespace than LM_ID_BASE"}},
    {Fault::kNamespaceUnsealed,
     {"the caller of dlmopen", "seal/test_opened.py", "another namespace is not sealed"}},
    {Fault::kCodeNotFinal,
     {"a kernel before Linux 6.3, or a filter", "seal/test_final_code.py",
      "memory may become executable, which the policy forbids"}},
    {Fault::kNextOutside,
     {"the caller of dlsym", "dl/test_opening_errors.py",
      "test_the_next_object_after_code_in_no_object"}},
    {Fault::kUnknownRequest,
     {"the caller of dlinfo", "dl/test_opening_errors.py", "(\"request\", \"999\")"}},
    {Fault::kHasLoader,
     {"how a program is linked", "crt/test_start.py", "only a static program seals itself"}},
    {Fault::kLibcUnusable,
     {"a libc that is none", "damage/test_damaged_files.py", "cannot be brought up as libc"}},
};

// Those that no test produces.
const std::map<Fault, const char*> kUntested = {
    {Fault::kNone, "no error"},
    {Fault::kBadStack, "a kernel that gives no AT_PHDR: none does"},
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
    bool covered =
        here.count(which) != 0 || kElsewhere.count(which) != 0 || kUntested.count(which) != 0;
    EXPECT_TRUE(covered) << "fault " << f << ": " << testing_tools::sentence(fault(which));
  }
}

TEST(Completeness, NothingIsExcusedThatACaseProduces) {
  std::set<Fault> here = produced();
  for (const auto& [which, excuse] : kElsewhere) EXPECT_EQ(here.count(which), 0u) << excuse.reason;
  for (const auto& [which, reason] : kUntested) EXPECT_EQ(here.count(which), 0u) << reason;
}

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Completeness, EveryExcuseNamesATestThatSpeaksOfTheFault) {
  for (const auto& [which, excuse] : kElsewhere) {
    std::string test = contents(std::string(TESTS "/") + excuse.file);
    EXPECT_NE(test.find(excuse.text), std::string::npos)
        << excuse.file << " has no \"" << excuse.text << '"';
  }
}

TEST(Completeness, NamesOfCasesAreTheirOwn) {
  std::set<std::string> names;
  for (const DamageCase& c : all_cases()) EXPECT_TRUE(names.insert(c.name).second) << c.name;
}

}  // namespace
}  // namespace ldseal::damage
