// See version_check.h.
#include "ldso/link/version_check.h"

#include "ldso/base/trace.h"
#include "ldso/elf/versions.h"

namespace ldseal {

Status check_versions(const Module& module, Module* (*find)(const char* name, void* context),
                      void* context, void (*warn)(const Error&)) {
  const SymbolTable& table = module.symbols();
  for (uint32_t i = 0; i < table.version_count; ++i) {
    const Version& need = table.versions[i];
    if (need.name == nullptr || need.file == nullptr) continue;
    trace::log(Topic::kVersions,
               {Event::kCheckVersion, {need.name, need.file, module.display_name()}});
    const Module* provider = find(need.file, context);
    Error e = fault(Fault::kVersionMissing);
    e.object = module.display_name();
    e.name = need.file;
    e.version = need.name;
    if (provider == nullptr) {
      e.fault = Fault::kVersionFileMissing;
      if (!need.weak) return e;
      continue;
    }
    if (defines_version(provider->symbols(), need)) continue;
    bool has_versions = defines_versions(provider->symbols());
    e.name = provider->display_name();
    if (!need.weak && has_versions) return e;
    // An object that is not in memory yet is libc's own affair.
    if (warn == nullptr || provider->symbols().count == 0) continue;
    e.fault = has_versions ? Fault::kWeakVersionMissing : Fault::kNoVersionInformation;
    warn(e);
  }
  return {};
}

}  // namespace ldseal
