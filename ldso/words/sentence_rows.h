// The text of a row. {o} object, {f} field, {n} name, {v} version, {s} the places that were
// searched, {x} found and {w} wanted in hexadecimal, {d} and {l} the same in decimal, {q} found as
// a SystemMappingsDoubt, {e} the text of errno, {@} the place in the file or image. A part in [ ]
// is left out if its first value is absent.
//
// Programs parse some lines: "cannot open shared object file", "invalid ELF header" (GHC and Ruby
// then look for a linker script), "file too short" and "undefined symbol" begin as glibc's do.
#pragma once

#include <cstddef>

#include "ldso/base/error.h"

namespace ldseal {

// The text is inside the row: a pointer to it would be a relocation to apply at every start.
struct Sentence {
  Fault fault;
  char text[88];
};

inline constexpr Sentence kSentences[] = {
    {Fault::kNone, "no error"},
    {Fault::kCannotOpen, "{o}: cannot open: {e}"},
    {Fault::kCannotRead, "{o}: cannot read: {e}"},
    {Fault::kCannotStat, "{o}: cannot get file status: {e}"},
    {Fault::kIsDirectory, "{o}: is a directory"},
    {Fault::kNotRegular, "{o}: is not a regular file"},
    {Fault::kTooSmall, "{o}: file too short: {d} bytes, and an ELF header has {l}"},
    {Fault::kLibraryNotFound,
     "{n}: cannot open shared object file: {e}, needed by {o}[ (looked in {s})]"},
    {Fault::kBadMagic, "{o}: invalid ELF header: e_ident has {x} instead of {w}{@}"},
    {Fault::kBadClass, "{o}: {f} is {d} instead of {l} (ELFCLASS64){@}"},
    {Fault::kBadByteOrder, "{o}: {f} is {d} instead of {l} (ELFDATA2LSB){@}"},
    {Fault::kBadElfVersion, "{o}: {f} is {d} instead of {l}{@}"},
    {Fault::kBadOsAbi, "{o}: {f} is {d}, neither System V nor GNU{@}"},
    {Fault::kBadMachine, "{o}: {f} is {d} instead of {l}{@}"},
    {Fault::kBadType, "{o}: {f} is {d}, neither ET_EXEC nor ET_DYN{@}"},
    {Fault::kBadProgramHeaderSize, "{o}: {f} is {d} instead of {l}{@}"},
    {Fault::kNoProgramHeaders, "{o}: {f} is 0{@}"},
    {Fault::kProgramHeadersOutside,
     "{o}: program headers at {x} reach beyond the file's end at {w}"},
    {Fault::kNoLoadSegment, "{o}: has no PT_LOAD segment"},
    {Fault::kFileSizeAboveMemorySize, "{o}: {f} {x} is larger than p_memsz {w}{@}"},
    {Fault::kSegmentOutsideFile, "{o}: {f} {x} is beyond the file's end at {w}{@}"},
    {Fault::kSegmentTruncated, "{o}: {f} {x} is beyond the file's end"},
    {Fault::kSegmentWraps, "{o}: {f} {x} with p_memsz {w} wraps around the address space"},
    {Fault::kSegmentNotCongruent, "{o}: {f} {x} and p_vaddr differ modulo the page size {w}{@}"},
    {Fault::kSegmentOrder, "{o}: {f} {x} is below the end of the segment before it, {w}"},
    {Fault::kSegmentHidden,
     "{o}: {f} {x} lacks permissions {w} of the previous segment, which shares its page"},
    {Fault::kBadAlignment, "{o}: {f} {x} is not a power of two{@}"},
    {Fault::kProgramHeadersNotMapped, "{o}: program headers are in no PT_LOAD segment"},
    {Fault::kProgramHeadersElsewhere, "{o}: {f} is {x}, and the program headers are at {w}"},
    {Fault::kBadTlsSegment, "{o}: {f} {x} with p_filesz {w} is in no PT_LOAD segment"},
    {Fault::kBadRelroSegment, "{o}: {f} {x} with p_memsz {w} is outside the object"},
    {Fault::kDynamicOutside, "{o}: {f} {x} with p_memsz {w} is in no PT_LOAD segment"},
    {Fault::kDynamicUnterminated, "{o}: dynamic section has no DT_NULL"},
    {Fault::kTableOutside, "{o}: {f} at {x} with {w} bytes is in no PT_LOAD segment"},
    {Fault::kFunctionOutside, "{o}: {f} {x} is in no executable segment"},
    {Fault::kTableMissing, "{o}: has no {f}"},
    {Fault::kBadEntrySize, "{o}: {f} is {d} instead of {l}"},
    {Fault::kBadTableSize, "{o}: {f} {x} is not a multiple of {l}{@}"},
    {Fault::kStringOutside, "{o}: {f} {x} is outside the string table of {w} bytes"},
    {Fault::kStringsUnterminated, "{o}: string table does not end in a NUL"},
    {Fault::kBadHashTable, "{o}: {f} is {d}, limit {l}"},
    {Fault::kBadVersionTable, "{o}: {f} is damaged{@}"},
    {Fault::kVersionFileMissing, "{o}: needs version {v} of {n}, which is not loaded"},
    {Fault::kVersionMissing, "{o}: needs version {v}, which {n} does not define"},
    {Fault::kSymbolMissing, "{o}: undefined symbol: {n}[, version {v}]"},
    {Fault::kSymbolIndexOutside, "{o}: relocation names symbol {d} of {l}{@}"},
    {Fault::kUnknownRelocation, "{o}: relocation of unknown type {d}{@}"},
    {Fault::kTextRelocation, "{o}: text relocation of type {d}: the segment is not writable{@}"},
    {Fault::kRelocationOutside,
     "{o}: relocation of type {d} lies outside every PT_LOAD segment{@}"},
    {Fault::kRelocationInTables,
     "{o}: relocation of type {d} overwrites the object's strings, hash or program headers{@}"},
    {Fault::kRelocationOverflow, "{o}: value of a relocation of type {d} does not fit{@}"},
    {Fault::kBadRelr, "{o}: DT_RELR is damaged{@}"},
    {Fault::kTlsSymbolWithoutTls,
     "{o}: relocation of type {d} refers to {n}, which has no PT_TLS{@}"},
    {Fault::kTlsTooLarge, "{o}: {f} {x} is too large, limit {w}"},
    {Fault::kTlsSurplusUsedUp,
     "{o}: no room for the initial-exec TLS of {n}: {d} bytes, {l} of the surplus are left{@}"},
    {Fault::kTlsAlreadyDynamic,
     "{o}: wants initial-exec TLS of {n}, whose {d} bytes threads use as dynamic TLS{@}"},
    {Fault::kCopySourceOutside,
     "{o}: {n}, which a COPY relocation wants, is in no readable segment{@}"},
    {Fault::kCopyOutsideProgram, "{o}: COPY relocation in a shared object{@}"},
    {Fault::kCopySizeDiffers,
     "Symbol `{n}' has different size in shared object, consider re-linking"},
    {Fault::kNoVersionInformation, "{n}: no version information available (required by {o})"},
    {Fault::kWeakVersionMissing, "{n}: weak version `{v}' not found (required by {o})"},
    {Fault::kIsaLevelTooLow,
     "{o}: needs level {l} of the processor's instruction set, which has level {d}"},
    {Fault::kCannotMap, "{o}: cannot map {x} bytes: {e}{@}"},
    {Fault::kCannotProtect, "{o}: cannot change the protection of {x} bytes: {e}{@}"},
    {Fault::kExecutableStack, "{o}: asks for an executable stack: {f} is {x} instead of {w}"},
    {Fault::kHasTextRelocations, "{o}: has text relocations: {f}"},
    {Fault::kIsAudited, "{o}: is to be audited: {f}[ {n}]"},
    {Fault::kIsProfiled, "{o}: is to be profiled: {f} {n}"},
    {Fault::kBadOption, "{n}: unknown option; --help lists the options"},
    {Fault::kMissingArgument, "{n}: argument is missing; --help shows usage"},
    {Fault::kBadStack, "the initial stack has no valid AT_PHDR and AT_PHENT"},
    {Fault::kNoStandardDescriptor,
     "{o}: cannot be opened as descriptor {d}, which a privileged program needs: {e}"},
    {Fault::kNotAProgram, "{o}: is not a program: e_entry {x} is in no executable segment"},
    {Fault::kLibcUnusable, "{o}: cannot be brought up as libc: {f} is missing"},
    {Fault::kHasLoader, "{o}: names a loader in PT_INTERP: only a static program seals itself"},
    {Fault::kUnknownDebugWord, "LD_DEBUG: unknown word {n}; LD_DEBUG=help lists them"},
    {Fault::kBadOpenMode, "{n}: cannot be opened: mode {x} has neither RTLD_LAZY nor RTLD_NOW"},
    {Fault::kNotForOpening, "{o}: {f}"},
    {Fault::kProcessEnds, "Cannot dlopen while program is exiting."},
    {Fault::kNotLoaded, "{n}: is not loaded, and RTLD_NOLOAD forbids loading it"},
    {Fault::kBadHandle, "{x}: is not the handle of an open object"},
    {Fault::kNotOpen, "{n}: is closed already"},
    {Fault::kLookupFailed, "{o}: undefined symbol: {n}[, version {v}]"},
    {Fault::kNewNamespace,
     "{n}: cannot be opened: this libc has no other namespace than LM_ID_BASE"},
    {Fault::kNamespaceUnsealed,
     "{n}: cannot be opened: another namespace is not sealed, and the policy says `require`"},
    {Fault::kNextOutside, "{n}: RTLD_NEXT is used by code that is in no loaded object"},
    {Fault::kUnknownRequest, "{o}: dlinfo knows no request {d}"},
    {Fault::kUnknownSealWord,
     "{o}: {f}: unknown word {n}; there are on, off, require, +CLASS and -CLASS"},
    {Fault::kUnknownSealClass,
     "{o}: {f}: unknown class {n}; known: text relro system loader plt data dlopen wx stack"},
    {Fault::kCannotSeal, "{o}: {f} cannot be sealed, as the policy requires: [{e}][{n}]{@}"},
    {Fault::kCodeNotFinal, "wx: memory may become executable, which the policy forbids: {e}"},
    {Fault::kSystemMappingsUnknown, "vDSO: cannot be sealed, as the policy requires: {q}{@}"},
    {Fault::kUnknownGuardWord,
     "environment: LDSEAL_GUARD: unknown word {n}; there are auto, madv, prot and off"},
    {Fault::kNoPageTableGuards,
     "environment: LDSEAL_GUARD: madv is not possible: MADV_GUARD_INSTALL has no effect"},
};
static_assert(sizeof(kSentences) / sizeof(kSentences[0]) == static_cast<size_t>(Fault::kCount));

// Returns the text of a fault; null if there is none. ld-seal links the definition with every row
// (sentence_rows.cc), crt/ one with the rows that it can need (crt/sentences.cc).
const char* sentence_for(Fault fault);

}  // namespace ldseal
