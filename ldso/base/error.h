// An error is data: what is wrong, where, what was found and what was wanted. words/sentence_rows.h
// has the sentence for each fault.
#pragma once

#include <cstdint>

namespace ldseal {

// One value for each way to fail. words/sentence_rows.h has one row of text for each.
enum class Fault : uint8_t {
  kNone,
  // files
  kCannotOpen,
  kCannotRead,
  kCannotStat,
  kIsDirectory,
  kNotRegular,
  kTooSmall,
  kLibraryNotFound,
  // the ELF header
  kBadMagic,
  kBadClass,
  kBadByteOrder,
  kBadElfVersion,
  kBadOsAbi,
  kBadMachine,
  kBadType,
  kBadProgramHeaderSize,
  kNoProgramHeaders,
  kProgramHeadersOutside,
  // program headers
  kNoLoadSegment,
  kFileSizeAboveMemorySize,
  kSegmentOutsideFile,
  kSegmentTruncated,
  kSegmentWraps,
  kSegmentNotCongruent,
  kSegmentOrder,
  kSegmentHidden,
  kBadAlignment,
  kProgramHeadersNotMapped,
  kProgramHeadersElsewhere,
  kBadTlsSegment,
  kBadRelroSegment,
  // the dynamic section
  kDynamicOutside,
  kDynamicUnterminated,
  kTableOutside,
  kTableMissing,
  kFunctionOutside,
  kBadEntrySize,
  kBadTableSize,
  kStringOutside,
  kStringsUnterminated,
  kBadHashTable,
  kBadVersionTable,
  // linking
  kVersionFileMissing,
  kVersionMissing,
  kSymbolMissing,
  kSymbolIndexOutside,
  kUnknownRelocation,
  kTextRelocation,
  kRelocationOutside,
  kRelocationInTables,
  kRelocationOverflow,
  kBadRelr,
  kTlsSymbolWithoutTls,
  kTlsTooLarge,
  kTlsSurplusUsedUp,
  kTlsAlreadyDynamic,
  kCopyOutsideProgram,
  kCopySourceOutside,
  // what is said of an object that is used all the same
  kCopySizeDiffers,
  kNoVersionInformation,
  kWeakVersionMissing,
  // the processor
  kIsaLevelTooLow,
  // the kernel
  kCannotMap,
  kCannotProtect,
  // what libc's own loader does and ld-seal does not
  kExecutableStack,
  kHasTextRelocations,
  kIsAudited,
  kIsProfiled,
  // start-up
  kBadOption,
  kMissingArgument,
  kBadStack,
  kNoStandardDescriptor,
  kNotAProgram,
  kLibcUnusable,
  kHasLoader,
  kUnknownDebugWord,
  // dlopen and its family
  kBadOpenMode,
  kNotForOpening,
  kNotLoaded,
  kProcessEnds,
  kBadHandle,
  kNotOpen,
  kLookupFailed,
  kNewNamespace,
  kNamespaceUnsealed,
  kNextOutside,
  kUnknownRequest,
  // sealing
  kUnknownSealWord,
  kUnknownSealClass,
  kCannotSeal,
  kSystemMappingsUnknown,
  kCodeNotFinal,
  // guards of threads
  kUnknownGuardWord,
  kNoPageTableGuards,
  kCount
};

// What `Error::where` counts.
enum class Place : uint8_t { kNowhere, kFileOffset, kVaddr };

struct Error {
  Fault fault = Fault::kNone;
  Place place = Place::kNowhere;
  int32_t error_number = 0;       // errno, positive; 0 if no system call failed
  uint64_t where = 0;             // offset or address, as `place` says
  uint64_t found = 0;             // the wrong value
  uint64_t wanted = 0;            // the limit that it breaks, or the right value
  const char* object = nullptr;   // the file or object at fault, or the one that refers
  const char* field = nullptr;    // the field of the specification: "PT_LOAD p_filesz", "DT_SYMTAB"
  const char* name = nullptr;     // a symbol, a library or an option
  const char* version = nullptr;  // the version that is wanted of the symbol or library
  const char* searched = nullptr;  // the places that were searched
};

constexpr Error fault(Fault f) {
  Error e;
  e.fault = f;
  return e;
}

}  // namespace ldseal
