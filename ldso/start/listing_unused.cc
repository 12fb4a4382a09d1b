// What `ldd -u` asks for (LD_DEBUG=unused with LD_TRACE_LOADED_OBJECTS): libraries that the program
// names in DT_NEEDED and binds no symbol to.
#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/elf/relocation.h"
#include "ldso/start/listing.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

// The object in which the program finds what a relocation refers to; null where none has it.
Module* definer(const Graph& graph, const Rela& r, ReferenceKind reference) {
  const Module& program = *graph.program;
  bool is_copy = Native::kind(relocation_type(r)) == RelocationKind::kCopy;
  SymbolQuery wanted = wanted_by(program.symbols(), relocation_symbol(r));
  for (Module* m : graph.modules) {
    bool is_passed_over = m == &program && is_copy;
    if (!is_passed_over && find_symbol(m->symbols(), wanted, reference) != nullptr) return m;
  }
  return nullptr;
}

void mark_used(const Graph& graph, std::span<const Rela> list, ReferenceKind reference) {
  for (const Rela& r : list) {
    uint32_t symbol = relocation_symbol(r);
    bool has_symbol = symbol != 0 && symbol < graph.program->symbols().count;
    Module* used = has_symbol ? definer(graph, r, reference) : nullptr;
    if (used != nullptr) used->visited = true;
  }
}

}  // namespace

bool print_unused_libraries(const Process& p) {
  for (Module* m : p.graph.modules) m->visited = false;
  const Tables& tables = p.graph.program->tables;
  mark_used(p.graph, tables.rela, ReferenceKind::kAddress);
  mark_used(p.graph, tables.plt, ReferenceKind::kCall);
  bool is_first = true;
  for (const Module* m : p.graph.program->needed) {
    if (m->visited) continue;
    TextBuffer<8192> line;
    line << (is_first ? "Unused direct dependencies:\n" : "") << '\t' << m->path << '\n';
    kernel::write(1, line.text());
    is_first = false;
  }
  return !is_first;
}

}  // namespace ldseal
