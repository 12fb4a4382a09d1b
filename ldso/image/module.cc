// Describes a module from its image. Everything is checked here, once.
#include "ldso/image/module.h"

namespace ldseal {
namespace {

Error in_module(Error error, const Module& module) {
  error.object = module.display_name();
  return error;
}

Status check_names(const Module& module) {
  const SymbolTable& table = module.symbols();
  auto check = [&](const char* field, uint64_t offset) -> Status {
    if (offset < table.strings_size) return {};
    Error e = fault(Fault::kStringOutside);
    e.field = field;
    e.found = offset;
    e.wanted = table.strings_size;
    return e;
  };
  for (const Dyn& entry : module.dynamic.entries) {
    if (entry.d_tag != DT_NEEDED && !names_filtee(entry)) continue;
    const char* field = entry.d_tag == DT_NEEDED        ? "DT_NEEDED"
                        : entry.d_tag == kDynamicFilter ? "DT_FILTER"
                                                        : "DT_AUXILIARY";
    if (Status s = check(field, entry.d_un.d_val); !s) return s;
  }
  const Dynamic& d = module.dynamic;
  if (Status s = d.soname_present ? check("DT_SONAME", d.soname) : Status(); !s) return s;
  if (Status s = d.rpath_present ? check("DT_RPATH", d.rpath) : Status(); !s) return s;
  return d.runpath_present ? check("DT_RUNPATH", d.runpath) : Status();
}

// The arrays of functions are read later without a check, so they must lie in the module.
Status check_arrays(const Module& module, const ImageView& image) {
  auto check = [&](const char* field, const Table& table) -> Status {
    if (table.size.value == 0 || image.at<char>(table.start, table.size) != nullptr) return {};
    Error e = fault(Fault::kTableOutside);
    e.field = field;
    e.place = Place::kVaddr;
    e.where = e.found = table.start.value;
    e.wanted = table.size.value;
    return e;
  };
  if (Status s = check("DT_INIT_ARRAY", module.dynamic.init_array); !s) return s;
  if (Status s = check("DT_FINI_ARRAY", module.dynamic.fini_array); !s) return s;
  return check("DT_PREINIT_ARRAY", module.dynamic.preinit_array);
}

// The functions will be called, so they must lie in the module's code.
Status check_functions(const Module& module) {
  auto check = [&](const char* field, const MaybeVaddr& function) -> Status {
    if (!function.present ||
        find_load(module.segments.headers, function.value, ByteCount(1), PF_X) != nullptr)
      return {};
    Error e = fault(Fault::kFunctionOutside);
    e.field = field;
    e.found = function.value.value;
    return e;
  };
  if (Status s = check("DT_INIT", module.dynamic.init); !s) return s;
  return check("DT_FINI", module.dynamic.fini);
}

}  // namespace

Status describe_tables(Module& module, const ImageView& image, Arena& arena) {
  if (module.segments.tls != nullptr) module.tls = tls_block_of(*module.segments.tls);
  const Phdr* section = module.segments.dynamic;
  if (section == nullptr) return {};  // a static program needs no linking
  const Dyn* entries = image.at<const Dyn>(Vaddr(section->p_vaddr), ByteCount(section->p_memsz));
  if (entries == nullptr) {
    Error e = fault(Fault::kDynamicOutside);
    e.field = "PT_DYNAMIC p_vaddr";
    e.place = Place::kVaddr;
    e.where = e.found = section->p_vaddr;
    e.wanted = section->p_memsz;
    return in_module(e, module);
  }
  Result<Dynamic> dynamic = read_dynamic({entries, section->p_memsz / sizeof(Dyn)});
  if (!dynamic) return in_module(dynamic.error(), module);
  module.dynamic =
      module.span.empty() ? *dynamic : without_bias(*dynamic, module.span, module.bias);
  Result<Tables> tables = read_tables(image, module.dynamic, arena);
  if (!tables) return in_module(tables.error(), module);
  module.tables = *tables;
  if (Status s = check_names(module); !s) return in_module(s.error(), module);
  if (Status s = check_arrays(module, image); !s) return in_module(s.error(), module);
  if (Status s = check_functions(module); !s) return in_module(s.error(), module);
  if (module.dynamic.soname_present) module.soname = module.symbols().text(module.dynamic.soname);
  return {};
}

}  // namespace ldseal
