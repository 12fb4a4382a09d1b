// See listing.h.
#include "ldso/start/listing.h"

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/mem/arenas.h"
#include "ldso/start/program.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

struct Missing {
  const char* name;
  size_t before;  // how many objects were loaded when it was searched for
};

constinit List<Missing> missing;

void print(std::string_view text) { kernel::write(1, text); }

void print_object(std::string_view name, std::string_view path, Address at) {
  TextBuffer<8192> line;
  line << '\t' << name;
  if (name != path && !path.empty()) line << " => " << path;
  line << " (";
  line.hex_padded(at.value, 16) << ")\n";
  print(line.text());
}

size_t print_missing(size_t from, size_t upto) {
  for (; from < missing.size() && missing[from].before <= upto; ++from) {
    TextBuffer<8192> line;
    line << '\t' << missing[from].name << " => not found\n";
    print(line.text());
  }
  return from;
}

// As glibc's loader names itself: by the program's PT_INTERP. A script that copies what is listed
// gets a program that starts.
void print_ourselves(const Process& p) {
  const char* interpreter = interpreter_path(*p.graph.program);
  const Module& self = *p.self;
  print_object(interpreter == nullptr ? self.path : interpreter, self.path, self.span.start);
}

}  // namespace

void record_missing_library(const Error& error) {
  for (const Missing& m : missing) {
    if (equal(m.name, error.name)) return;
  }
  missing.add(permanent_arena, {error.name, process.graph.modules.size()});
}

void print_libraries(const Process& p) {
  if (is_static(*p.graph.program)) {
    print("\tstatically linked\n");
    return;
  }
  if (uint64_t vdso = p.stack.value(AT_SYSINFO_EHDR); vdso != 0)
    print_object("linux-vdso.so.1", "", Address(vdso));
  size_t printed = 0;
  for (size_t i = 1; i < p.graph.modules.size(); ++i) {
    printed = print_missing(printed, i);
    const Module& m = *p.graph.modules[i];
    print_object(m.needed_as, m.path, m.span.start);
  }
  print_missing(printed, p.graph.modules.size());
  print_ourselves(p);
}

int verify_status(const Module* program) {
  constexpr int kGood = 0, kNotDynamic = 1, kNoInterpreter = 2;
  if (program == nullptr || program->segments.dynamic == nullptr) return kNotDynamic;
  return program->segments.interpreter == nullptr ? kNoInterpreter : kGood;
}

}  // namespace ldseal
