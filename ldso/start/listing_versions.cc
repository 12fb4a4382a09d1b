// What LD_VERBOSE adds to a listing (`ldd -v`): which versions each object needs, and who defines
// them.
#include "ldso/base/text.h"
#include "ldso/elf/versions.h"
#include "ldso/start/listing.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

// A walk over DT_VERNEED, which read_versions() has checked.
template <class Visit>
void for_each_need(const Module& m, Visit visit) {
  const auto* at = (m.dynamic.version_needs.value + m.bias).as<const unsigned char>();
  for (uint64_t i = 0; i < m.dynamic.version_need_count; ++i) {
    const auto* need = reinterpret_cast<const Elf64_Verneed*>(at);
    const unsigned char* aux_at = at + need->vn_aux;
    for (unsigned k = 0; k < need->vn_cnt; ++k) {
      const auto* aux = reinterpret_cast<const Elf64_Vernaux*>(aux_at);
      visit(m.symbols().text(need->vn_file), *aux);
      if (aux->vna_next == 0) break;
      aux_at += aux->vna_next;
    }
    if (need->vn_next == 0) break;
    at += need->vn_next;
  }
}

const char* definer(const Graph& graph, const char* file, const Version& wanted) {
  const Module* found = graph.names.find(file);
  bool defines = found != nullptr && defines_version(found->symbols(), wanted);
  return defines ? found->path : "not found";
}

void print_needs(const Graph& graph, const Module& m) {
  TextBuffer<8192> heading;
  heading << '\t' << m.display_name() << ":\n";
  kernel::write(1, heading.text());
  for_each_need(m, [&](const char* file, const Elf64_Vernaux& aux) {
    Version wanted{.name = m.symbols().text(aux.vna_name), .hash = aux.vna_hash};
    bool is_weak = (aux.vna_flags & VER_FLG_WEAK) != 0;
    TextBuffer<8192> line;
    line << "\t\t" << file << " (" << wanted.name << ") " << (is_weak ? "[WEAK] " : "") << "=> "
         << definer(graph, file, wanted) << '\n';
    kernel::write(1, line.text());
  });
}

}  // namespace

void print_needed_versions(const Process& p) {
  bool is_first = true;
  for (const Module* m : p.graph.modules) {
    if (!m->dynamic.version_needs.present || m->symbols().versions == nullptr) continue;
    if (is_first) kernel::write(1, "\n\tVersion information:\n");
    is_first = false;
    print_needs(p.graph, *m);
  }
}

}  // namespace ldseal
