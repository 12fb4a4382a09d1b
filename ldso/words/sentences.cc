// Fills in the rows of sentence_rows.h.
#include "ldso/words/sentences.h"

#include "ldso/words/error_names.h"
#include "ldso/words/seal_text.h"
#include "ldso/words/sentence_rows.h"

namespace ldseal {
namespace {

std::string_view text_between(const char* start, const char* end) {
  return {start, static_cast<size_t>(end - start)};
}

// Names come from files that may be damaged. A control character, which could steer a terminal or
// end the line, becomes a question mark.
bool write_name(TextWriter& out, const char* name) {
  if (name == nullptr) return false;
  const char* start = name;
  for (; *name != '\0'; ++name) {
    auto c = static_cast<unsigned char>(*name);
    if (c >= ' ' && c != 0x7f) continue;
    out << text_between(start, name) << '?';
    start = name + 1;
  }
  out << text_between(start, name);
  return true;
}

// Returns false if the value is absent.
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
    case 'q':
      out << text_of_doubt(e.found);
      return true;
    case 'e':
      if (e.error_number == 0) return false;
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

// Writes the text up to the end or a closing bracket. Returns where it stopped.
const char* write_text(TextWriter& out, const char* text, const Error& e) {
  const char* start = text;
  for (; *text != '\0' && *text != ']'; ++text) {
    if (*text != '{') continue;
    out << text_between(start, text);
    write_value(out, text[1], e);
    text += 2;
    start = text + 1;
  }
  out << text_between(start, text);
  return text;
}

// Is the first value of an optional part present?
bool part_is_wanted(const char* part, const Error& e) {
  while (*part != '{') ++part;
  return !is_absent(part[1], e);
}

void write_row(TextWriter& out, const char* text, const Error& e) {
  while (*text != '\0') {
    const char* start = text;
    while (*text != '\0' && *text != '[') ++text;
    TextBuffer<512> row;
    row << text_between(start, text);
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

void write_sentence(TextWriter& out, const char* sentence, const Error& error) {
  write_row(out, sentence, error);
}

void write_error(TextWriter& out, const Error& error) {
  if (const char* sentence = sentence_for(error.fault)) return write_row(out, sentence, error);
  out << "fault ";
  out.decimal(static_cast<uint64_t>(error.fault));
}

}  // namespace ldseal
