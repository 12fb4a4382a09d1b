// A row's text: {o} object, {f} field, {n} name, {v} version, {s} where it was looked for, {x}
// found and {w} wanted in hexadecimal, {d} and {l} the same in decimal, {e} the kernel's answer,
// {@} the place in the file or image. A part in [ ] is left out when the value in it is absent.
#include "ldso/base/sentences.h"

namespace ldseal {
namespace {

// The text is inside the row: a pointer to it would be a relocation to apply at every start.
struct Row {
  Fault fault;
  char text[88];
};

constexpr Row kRows[] = {
    {Fault::kNone, "no error"},
    {Fault::kCannotOpen, "{o}: cannot open: {e}"},
    {Fault::kCannotRead, "{o}: cannot read: {e}"},
    {Fault::kCannotStat, "{o}: cannot get file status: {e}"},
    {Fault::kIsDirectory, "{o}: is a directory"},
    {Fault::kNotRegular, "{o}: is not a regular file"},
    {Fault::kTooSmall, "{o}: file is {d} bytes, too small for an ELF header of {l}"},
    {Fault::kLibraryNotFound, "{n}: library not found, needed by {o}[ (looked in {s})]"},
    {Fault::kBadMagic, "{o}: not an ELF file: e_ident has {x} instead of {w}{@}"},
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
    {Fault::kSegmentWraps, "{o}: {f} {x} with p_memsz {w} wraps around the address space"},
    {Fault::kSegmentNotCongruent, "{o}: {f} {x} and p_vaddr differ modulo the page size {w}{@}"},
    {Fault::kSegmentOrder, "{o}: {f} {x} is below the end of the segment before it, {w}"},
    {Fault::kBadAlignment, "{o}: {f} {x} is not a power of two{@}"},
    {Fault::kExecutableStack, "{o}: asks for an executable stack: {f} is {x} instead of {w}"},
    {Fault::kProgramHeadersNotMapped, "{o}: program headers are in no PT_LOAD segment"},
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
    {Fault::kCannotMap, "{o}: cannot map {x} bytes: {e}{@}"},
    {Fault::kCannotProtect, "{o}: cannot change the protection of {x} bytes: {e}{@}"},
    {Fault::kBadOption, "{n}: unknown option; --help lists what there is"},
    {Fault::kMissingArgument, "{n}: argument is missing; --help shows the use"},
    {Fault::kBadStack, "the initial stack is not one that a kernel makes"},
    {Fault::kNotAProgram, "{o}: is not a program: e_entry {x} is in no executable segment"},
    {Fault::kLibcUnusable, "{o}: cannot be brought up as libc: {f} is missing"},
    {Fault::kUnknownDebugWord, "LD_DEBUG: unknown word {n}; LD_DEBUG=help lists them"},
    {Fault::kBadOpenMode, "{n}: cannot be opened: mode {x} has neither RTLD_LAZY nor RTLD_NOW"},
    {Fault::kNotForOpening, "{o}: cannot be opened: {f}"},
    {Fault::kNotLoaded, "{n}: is not loaded, and RTLD_NOLOAD forbids to load it"},
    {Fault::kBadHandle, "{x}: is not the handle of an open object"},
    {Fault::kNewNamespace, "{n}: cannot be opened: there is no other namespace than the program's"},
    {Fault::kNextOutside, "{n}: RTLD_NEXT has no meaning for code that is in no object"},
    {Fault::kUnknownRequest, "{o}: dlinfo knows no request {d}"},
    {Fault::kUnknownSealWord,
     "{o}: {f}: unknown word {n}; there are on, off, require, +CLASS and -CLASS"},
    {Fault::kUnknownSealClass,
     "{o}: {f}: unknown class {n}; there are text, relro, system, loader, data, dlopen"},
    {Fault::kCannotSeal, "{o}: {f} cannot be sealed, as the policy requires: {e}{@}"},
    {Fault::kSystemMappingsUnknown, "vDSO: cannot be sealed, as the policy requires: {n}{@}"},
    {Fault::kUnknownGuardWord,
     "environment: LDSEAL_GUARD: unknown word {n}; there are auto, madv, prot and off"},
    {Fault::kNoPageTableGuards,
     "environment: LDSEAL_GUARD: madv is not possible: MADV_GUARD_INSTALL has no effect"},
};
static_assert(sizeof(kRows) / sizeof(kRows[0]) == static_cast<size_t>(Fault::kCount));

struct ErrorName {
  int number;
  char text[36];
};

constexpr ErrorName kErrorNames[] = {
    {1, "Operation not permitted"},
    {2, "No such file or directory"},
    {5, "Input/output error"},
    {7, "Argument list too long"},
    {9, "Bad file descriptor"},
    {12, "Cannot allocate memory"},
    {13, "Permission denied"},
    {14, "Bad address"},
    {17, "File exists"},
    {19, "No such device"},
    {20, "Not a directory"},
    {21, "Is a directory"},
    {22, "Invalid argument"},
    {23, "Too many open files in system"},
    {24, "Too many open files"},
    {36, "File name too long"},
    {38, "Function not implemented"},
    {40, "Too many levels of symbolic links"},
};

// Names come from files that may be damaged: what could steer a terminal or end the line is shown as a question mark.
bool write_name(TextWriter& out, const char* name) {
  if (name == nullptr) return false;
  for (; *name != '\0'; ++name) {
    auto c = static_cast<unsigned char>(*name);
    out << (c < ' ' || c == 0x7f ? '?' : *name);
  }
  return true;
}

// False: the value is absent.
bool write_value(TextWriter& out, char which, const Error& e) {
  switch (which) {
    case 'o':
      return write_name(out, e.object == nullptr ? "program" : e.object);
    case 'f':
      out << (e.field == nullptr ? "field" : e.field);
      return true;
    case 'n':
      return write_name(out, e.name);
    case 'v':
      return write_name(out, e.version);
    case 's':
      return write_name(out, e.searched) && *e.searched != '\0';
    case 'x':
      out.hex(e.found);
      return true;
    case 'w':
      out.hex(e.wanted);
      return true;
    case 'd':
      out.decimal(e.found);
      return true;
    case 'l':
      out.decimal(e.wanted);
      return true;
    case 'e':
      write_error_number(out, e.error_number);
      return true;
    case '@':
      if (e.place == Place::kNowhere) return false;
      out << (e.place == Place::kFileOffset ? " at file offset " : " at address ");
      out.hex(e.where);
      return true;
    default:
      return false;
  }
}

bool is_absent(char which, const Error& e) {
  TextBuffer<8> unused;
  return !write_value(unused, which, e);
}

// The text from `text` to the end or a closing bracket; returns where it stopped.
const char* write_text(TextWriter& out, const char* text, const Error& e) {
  for (; *text != '\0' && *text != ']'; ++text) {
    if (*text == '{') {
      if (!is_absent(text[1], e)) write_value(out, text[1], e);
      text += 2;
    } else {
      out << *text;
    }
  }
  return text;
}

// Is the value of the first placeholder in an optional part there?
bool part_is_wanted(const char* part, const Error& e) {
  while (*part != '{') ++part;
  return !is_absent(part[1], e);
}

void write_row(TextWriter& out, const char* text, const Error& e) {
  while (*text != '\0') {
    const char* start = text;
    while (*text != '\0' && *text != '[') ++text;
    TextBuffer<512> row;
    row << std::string_view(start, static_cast<size_t>(text - start));
    write_text(out, row.c_str(), e);
    if (*text == '\0') return;
    ++text;
    if (part_is_wanted(text, e)) {
      text = write_text(out, text, e);
    } else {
      while (*text != ']') ++text;
    }
    ++text;
  }
}

}  // namespace

void write_error_number(TextWriter& out, int number) {
  for (const ErrorName& name : kErrorNames) {
    if (name.number == number) {
      out << name.text;
      return;
    }
  }
  out << "error ";
  out.decimal(static_cast<uint64_t>(number));
}

void write_error(TextWriter& out, const Error& error) {
  for (const Row& row : kRows) {
    if (row.fault == error.fault) {
      write_row(out, row.text, error);
      return;
    }
  }
  out << "fault ";
  out.decimal(static_cast<uint64_t>(error.fault));
}

}  // namespace ldseal
