// See version_check.h.
#include "ldso/link/version_check.h"

#include "ldso/base/trace.h"
#include "ldso/elf/versions.h"

namespace ldseal {

Status check_versions(const Module& module, Module* (*find)(const char* name, void* context),
                      void* context) {
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
    if (!need.weak && defines_versions(provider->symbols()) &&
        !defines_version(provider->symbols(), need))
      return e;
  }
  return {};
}

}  // namespace ldseal
