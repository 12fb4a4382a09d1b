// Walks the two chains twice: first to find the highest index, then to fill the rows. Every step is
// checked.
#include "ldso/elf/versions.h"

#include "ldso/base/text.h"

namespace ldseal {
namespace {

Error bad(const char* field, Vaddr at) {
  Error e = fault(Fault::kBadVersionTable);
  e.field = field;
  e.place = Place::kVaddr;
  e.where = at.value;
  return e;
}

struct Row {
  uint16_t index;
  Version version;
};

// Calls `take(Row)` for every definition except the base one, which names the object, not a
// version.
template <class Take>
Status walk_definitions(const ImageView& image, const Dynamic& dynamic, const SymbolTable& table,
                        Take take) {
  Vaddr at = dynamic.version_definitions.value;
  ImageView::Chain chain = image.chain_from(at);
  for (uint64_t i = 0; i < dynamic.version_definition_count; ++i) {
    const auto* def = chain.at<Elf64_Verdef>(at);
    if (def == nullptr || def->vd_version != 1) return bad("DT_VERDEF", at);
    Vaddr aux_at(at.value + def->vd_aux);
    const auto* aux = chain.at<Elf64_Verdaux>(aux_at);
    if (aux == nullptr || table.text(aux->vda_name) == nullptr) return bad("vda_name", aux_at);
    if ((def->vd_flags & VER_FLG_BASE) == 0) {
      Version v{table.text(aux->vda_name), nullptr, def->vd_hash,
                (def->vd_flags & VER_FLG_WEAK) != 0, false};
      take(Row{static_cast<uint16_t>(def->vd_ndx & kVersionIndexMask), v});
    }
    if (def->vd_next == 0) break;
    at = Vaddr(at.value + def->vd_next);
  }
  return {};
}

template <class Take>
Status walk_needs(const ImageView& image, const Dynamic& dynamic, const SymbolTable& table,
                  Take take) {
  Vaddr at = dynamic.version_needs.value;
  ImageView::Chain chain = image.chain_from(at);
  unsigned rows = 0;  // ends the loop: there can be no more rows than indices
  for (uint64_t i = 0; i < dynamic.version_need_count; ++i) {
    const auto* need = chain.at<Elf64_Verneed>(at);
    if (need == nullptr || need->vn_version != 1) return bad("DT_VERNEED", at);
    const char* file = table.text(need->vn_file);
    if (file == nullptr) return bad("vn_file", at);
    Vaddr aux_at(at.value + need->vn_aux);
    for (unsigned k = 0; k < need->vn_cnt; ++k) {
      if (++rows > kVersionIndexMask) return bad("DT_VERNEED", at);
      const auto* aux = chain.at<Elf64_Vernaux>(aux_at);
      if (aux == nullptr || table.text(aux->vna_name) == nullptr) return bad("vna_name", aux_at);
      Version v{table.text(aux->vna_name), file, aux->vna_hash,
                (aux->vna_flags & VER_FLG_WEAK) != 0, (aux->vna_other & kVersionHidden) != 0};
      take(Row{static_cast<uint16_t>(aux->vna_other & kVersionIndexMask), v});
      if (aux->vna_next == 0) break;
      aux_at = Vaddr(aux_at.value + aux->vna_next);
    }
    if (need->vn_next == 0) break;
    at = Vaddr(at.value + need->vn_next);
  }
  return {};
}

template <class Take>
Status walk(const ImageView& image, const Dynamic& dynamic, const SymbolTable& table, Take take) {
  if (dynamic.version_definitions.present) {
    if (Status s = walk_definitions(image, dynamic, table, take); !s) return s;
  }
  if (dynamic.version_needs.present) return walk_needs(image, dynamic, table, take);
  return {};
}

}  // namespace

Status read_versions(const ImageView& image, const Dynamic& dynamic, SymbolTable& table,
                     Arena& arena) {
  if (!dynamic.version_symbols.present || table.count == 0) return {};
  ByteCount size(uint64_t{table.count} * 2);
  table.version_symbols = image.at<const uint16_t>(dynamic.version_symbols.value, size);
  if (table.version_symbols == nullptr) return bad("DT_VERSYM", dynamic.version_symbols.value);
  uint32_t highest = 1;
  auto see = [&highest](const Row& row) {
    if (row.index > highest) highest = row.index;
  };
  if (Status s = walk(image, dynamic, table, see); !s) return s;
  Version* rows = arena.make_array<Version>(highest + 1);
  auto fill = [rows](const Row& row) { rows[row.index] = row.version; };
  if (Status s = walk(image, dynamic, table, fill); !s) return s;
  table.versions = rows;
  table.version_count = highest + 1;
  return {};
}

bool defines_version(const SymbolTable& table, const Version& need) {
  for (uint32_t i = 2; i < table.version_count; ++i) {
    const Version& v = table.versions[i];
    if (v.name != nullptr && v.file == nullptr && v.hash == need.hash && equal(v.name, need.name))
      return true;
  }
  return false;
}

bool defines_versions(const SymbolTable& table) {
  for (uint32_t i = 2; i < table.version_count; ++i) {
    if (table.versions[i].name != nullptr && table.versions[i].file == nullptr) return true;
  }
  return false;
}

}  // namespace ldseal
