// See libc_words.h.
#include "ldso/words/libc_words.h"

#include <span>

#include "ldso/elf/types.h"
#include "ldso/sys/kernel.h"
#include "ldso/words/sentences.h"

namespace ldseal {
namespace {

// Placeholders are those of sentence_rows.h. The text is inside the row: a pointer to it would be a
// relocation to apply at every start.
struct Row {
  Fault fault;
  char text[72];
};

// What stands before the first ": " is the object; what a ": {e}" adds, the kernel's answer.
constexpr Row kGlibcRows[] = {
    {Fault::kCannotOpen, "{n}: cannot open shared object file: {e}"},
    {Fault::kLibraryNotFound, "{n}: cannot open shared object file: {e}"},
    {Fault::kCannotRead, "{o}: cannot read file data: {e}"},
    {Fault::kIsDirectory, "{o}: cannot read file data: Is a directory"},
    {Fault::kTooSmall, "{o}: file too short"},
    {Fault::kNotRegular, "{o}: file too short"},
    {Fault::kBadMagic, "{o}: invalid ELF header"},
    {Fault::kBadClass, "{n}: wrong ELF class: ELFCLASS32"},
    {Fault::kBadByteOrder, "{o}: ELF file data encoding not little-endian"},
    {Fault::kBadOsAbi, "{o}: ELF file OS ABI invalid"},
    {Fault::kBadType, "{o}: only ET_DYN and ET_EXEC can be loaded"},
    {Fault::kBadProgramHeaderSize, "{o}: ELF file's phentsize not the expected size"},
    {Fault::kProgramHeadersOutside, "{o}: cannot read file data"},
    {Fault::kNoProgramHeaders, "{o}: object file has no loadable segments"},
    {Fault::kNoLoadSegment, "{o}: object file has no loadable segments"},
    {Fault::kIsaLevelTooLow, "{o}: CPU ISA level is lower than required"},
    {Fault::kCannotMap, "{o}: failed to map segment from shared object: {e}"},
    {Fault::kExecutableStack, "{o}: cannot enable executable stack as shared object requires: {e}"},
    {Fault::kTlsSurplusUsedUp, "{o}: cannot allocate memory in static TLS block"},
    {Fault::kTlsAlreadyDynamic, "{o}: cannot allocate memory in static TLS block"},
    {Fault::kVersionMissing, "{n}: version `{v}' not found (required by {o})"},
    {Fault::kBadOpenMode, "{n}: invalid mode for dlopen(): Invalid argument"},
    {Fault::kNotForOpening, "{o}: {f}"},
    {Fault::kNotOpen, "{n}: shared object not open"},
    {Fault::kNextOutside, "RTLD_NEXT used in code not dynamically loaded"},
    {Fault::kUnknownRequest, "unsupported dlinfo request"},
};

constexpr Row kMuslRows[] = {
    {Fault::kCannotOpen, "Error loading shared library {n}: {e}"},
    {Fault::kLibraryNotFound, "Error loading shared library {n}: {e}[ (needed by {o})]"},
    {Fault::kCannotRead, "Error loading shared library {n}: {e}"},
    {Fault::kIsDirectory, "Error loading shared library {n}: Is a directory"},
    {Fault::kCannotMap, "Error loading shared library {o}: {e}"},
    {Fault::kSymbolMissing, "Error relocating {o}: {n}: symbol not found"},
    {Fault::kLookupFailed, "Symbol not found: {n}"},
    {Fault::kNextOutside, "Symbol not found: {n}"},
    {Fault::kNotLoaded, "Library {n} is not already loaded"},
    {Fault::kBadHandle, "Invalid library handle {x}"},
    {Fault::kUnknownRequest, "Unsupported request {d}"},
};

// What musl says of a file that is no object, whatever is wrong with it.
bool is_no_object(Fault fault) {
  bool has_wrong_header = Fault::kBadMagic <= fault && fault <= Fault::kNoLoadSegment;
  return has_wrong_header || fault == Fault::kTooSmall || fault == Fault::kNotRegular;
}

const char* find_row(std::span<const Row> rows, Fault fault) {
  for (const Row& row : rows) {
    if (row.fault == fault) return row.text;
  }
  return nullptr;
}

const char* musl_row(Fault fault) {
  if (is_no_object(fault)) return "Error loading shared library {n}: Exec format error";
  return find_row(kMuslRows, fault);
}

// glibc has a text for each of the two fields that give the version of ELF.
const char* glibc_row(const Error& e) {
  if (e.fault != Fault::kBadElfVersion) return find_row(kGlibcRows, e.fault);
  constexpr uint64_t kInIdentification = EI_VERSION;
  return e.where == kInIdentification ? "{o}: ELF file version ident does not match current one"
                                      : "{o}: ELF file version does not match current one";
}

void write_row_or_ours(TextWriter& out, const char* row, const Error& e) {
  row == nullptr ? write_error(out, e) : write_sentence(out, row, e);
}

}  // namespace

void write_as_glibc(TextWriter& out, const Error& e) { write_row_or_ours(out, glibc_row(e), e); }

void write_as_musl(TextWriter& out, const Error& e) {
  write_row_or_ours(out, musl_row(e.fault), e);
}

// glibc leaves the object and the kernel's answer out of the reason.
void report_preload_ignored(const Error& e, const char* list) {
  constexpr size_t kLongestLine = 2048;
  TextBuffer<256> reason;
  if (const char* row = glibc_row(e)) {
    std::string_view words = row;
    words.remove_prefix(words.find(": ") + 2);
    for (std::string_view answer : {": {e}", ": Is a directory"}) {
      if (words.ends_with(answer)) words.remove_suffix(answer.size());
    }
    TextBuffer<80> without_object;
    without_object << words;
    write_sentence(reason, without_object.c_str(), e);
  } else {
    write_error(reason, e);
  }
  TextBuffer<kLongestLine> line;
  line << "ERROR: ld.so: object '";
  write_sentence(line, "{n}", e);
  line << "' from " << list << " cannot be preloaded (" << reason.text() << "): ignored.\n";
  kernel::write(2, line.text());
}

}  // namespace ldseal
