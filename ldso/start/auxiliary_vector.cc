// See auxiliary_vector.h.
#include "ldso/start/auxiliary_vector.h"

#include <iterator>

#include "ldso/base/number.h"
#include "ldso/base/text.h"
#include "ldso/words/held_output.h"

namespace ldseal {
namespace {

enum class Form : uint8_t { kDecimal, kHexadecimal, kPlainHexadecimal, kText };

struct Entry {
  uint16_t type;
  Form form;
  char name[14];
};

// AT_MINSIGSTKSZ is newer than some headers, and no machine here has an entry that is not in this
// list but those that glibc does not know either.
constexpr Entry kEntries[] = {
    {AT_EXECFD, Form::kDecimal, "EXECFD"},
    {AT_PHDR, Form::kHexadecimal, "PHDR"},
    {AT_PHENT, Form::kDecimal, "PHENT"},
    {AT_PHNUM, Form::kDecimal, "PHNUM"},
    {AT_PAGESZ, Form::kDecimal, "PAGESZ"},
    {AT_BASE, Form::kHexadecimal, "BASE"},
    {AT_FLAGS, Form::kHexadecimal, "FLAGS"},
    {AT_ENTRY, Form::kHexadecimal, "ENTRY"},
    {AT_UID, Form::kDecimal, "UID"},
    {AT_EUID, Form::kDecimal, "EUID"},
    {AT_GID, Form::kDecimal, "GID"},
    {AT_EGID, Form::kDecimal, "EGID"},
    {AT_PLATFORM, Form::kText, "PLATFORM"},
    {AT_HWCAP, Form::kPlainHexadecimal, "HWCAP"},
    {AT_CLKTCK, Form::kDecimal, "CLKTCK"},
    {AT_SECURE, Form::kDecimal, "SECURE"},
    {AT_BASE_PLATFORM, Form::kText, "BASE_PLATFORM"},
    {AT_RANDOM, Form::kHexadecimal, "RANDOM"},
    {AT_HWCAP2, Form::kHexadecimal, "HWCAP2"},
    {AT_EXECFN, Form::kText, "EXECFN"},
    {AT_SYSINFO_EHDR, Form::kHexadecimal, "SYSINFO_EHDR"},
    {51, Form::kDecimal, "MINSIGSTKSZ"},
};

void write_value(TextWriter& line, Form form, uint64_t value) {
  if (form == Form::kHexadecimal) line << "0x";
  if (form == Form::kText) {
    const char* text = Address(value).as<const char>();
    line << (text == nullptr ? "(null)" : text);
  } else if (form == Form::kDecimal) {
    line.decimal(value);
  } else {
    line.hex_digits(value);
  }
}

constexpr size_t kEntryCount = std::size(kEntries);

// The number of the row, kEntryCount if there is none. A number and out of line: the compiler makes
// a table of the answers, and one of pointers would have to be relocated at every start.
[[gnu::noinline]] size_t find_entry(uint64_t type) {
  size_t i = 0;
  while (i < kEntryCount && kEntries[i].type != type) ++i;
  return i;
}

void print_entry(uint64_t type, uint64_t value) {
  constexpr size_t kColumn = 19;  // of the value, behind "AT_"
  TextBuffer<8192> line;
  if (size_t i = find_entry(type); i < kEntryCount) {
    const Entry& known = kEntries[i];
    line << "AT_" << known.name << ':';
    for (size_t at = text_length(known.name) + 1; at < kColumn; ++at) line << ' ';
    write_value(line, known.form, value);
    line << '\n';
    write_or_hold(1, line.text());
    return;
  }
  line << "AT_\?\?\? (0x";
  line.hex_digits(type);
  line << "): 0x";
  line.hex_digits(value);
  line << '\n';
  write_or_hold(1, line.text());
}

}  // namespace

void print_auxiliary_vector(const ProcessStack& stack) {
  for (size_t i = 0; i < stack.auxiliary_count; ++i) {
    const AuxiliaryEntry& entry = stack.auxiliary[i];
    if (entry.a_type > AT_IGNORE) print_entry(entry.a_type, entry.a_un.a_val);
  }
}

}  // namespace ldseal
