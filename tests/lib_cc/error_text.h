// Whole errors compared and shown: every field counts.
#pragma once

#include <cstring>
#include <gtest/gtest.h>
#include <ostream>
#include <string>

#include "ldso/base/error.h"
#include "ldso/base/result.h"
#include "ldso/words/report.h"

namespace ldseal {

inline bool same_text(const char* a, const char* b) {
  return a == nullptr || b == nullptr ? a == b : std::strcmp(a, b) == 0;
}

inline bool operator==(const Error& a, const Error& b) {
  return a.fault == b.fault && a.place == b.place && a.error_number == b.error_number &&
         a.where == b.where && a.found == b.found && a.wanted == b.wanted &&
         same_text(a.object, b.object) && same_text(a.field, b.field) &&
         same_text(a.name, b.name) && same_text(a.version, b.version) &&
         same_text(a.searched, b.searched);
}

inline void PrintTo(const Error& e, std::ostream* out) {
  auto text = [](const char* t) { return t == nullptr ? "(null)" : t; };
  TextBuffer<4096> line;
  write_error(line, e);
  *out << "fault " << static_cast<int>(e.fault) << " place " << static_cast<int>(e.place)
       << " errno " << e.error_number << std::hex << " where 0x" << e.where << " found 0x"
       << e.found << " wanted 0x" << e.wanted << std::dec << " object " << text(e.object)
       << " field " << text(e.field) << " name " << text(e.name) << " version " << text(e.version)
       << " searched " << text(e.searched) << ": " << line.c_str();
}

namespace testing_tools {

// The sentence that words/report.cc writes for it.
inline std::string sentence(const Error& e) {
  TextBuffer<4096> text;
  write_error(text, e);
  return text.c_str();
}

// The error of a call; `Fault::kNone` for success.
inline Error outcome(const Status& status) { return status.error(); }
template <class T>
Error outcome(const Result<T>& result) {
  return result ? Error{} : result.error();
}

inline Error error_in(Fault f, const char* field, uint64_t found, uint64_t wanted) {
  Error e = fault(f);
  e.field = field;
  e.found = found;
  e.wanted = wanted;
  return e;
}
inline Error error_at(Place place, uint64_t where, Error e) {
  e.place = place;
  e.where = where;
  return e;
}

}  // namespace testing_tools
}  // namespace ldseal
