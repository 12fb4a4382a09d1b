// See show.h.
#include "tools/sealctl/json.h"
#include "tools/sealctl/ps/show.h"
#include "tools/sealctl/ps/verdict.h"

namespace sealctl::ps {
namespace {

Json json_of(const Memory& memory) {
  return Json{
      {"code",
       {{"bytes", memory.code.all},
        {"sealed_bytes", memory.code.sealed},
        {"ranges", memory.code_ranges.all},
        {"sealed_ranges", memory.code_ranges.sealed}}},
      {"relro", {{"objects", memory.relro.all}, {"sealed", memory.relro.sealed}}},
      {"vdso", memory.has_vdso ? Json(memory.is_vdso_sealed) : Json(nullptr)},
      {"guards", memory.guards},
      {"unsealed_code", memory.unsealed_code},
      {"unsealed_relro", memory.unsealed_relro},
      {"code_without_file", memory.code_without_file},
  };
}

Json json_of(const Process& process) {
  Json reasons = Json::array();
  for (const Reason& reason : process.reasons) {
    const Remedy& remedy = remedy_for(reason.why);
    reasons.push_back({{"why", remedy.word}, {"text", reason.text}, {"do", remedy.what_to_do}});
  }
  const Loader loader = process.memory ? process.memory->loader : Loader::kUnknown;
  return Json{
      {"pid", process.pid},
      {"user", process.user},
      {"unit", process.unit.empty() ? Json(nullptr) : Json(process.unit)},
      {"cgroup", process.cgroup},
      {"command", process.command},
      {"executable", process.executable.empty() ? Json(nullptr) : Json(process.executable)},
      {"loader", word_for(loader)},
      {"threads", process.threads},
      {"seccomp_filter", process.has_filter},
      {"verdict", word_for(process.verdict)},
      {"reasons", std::move(reasons)},
      {"memory", process.memory ? json_of(*process.memory) : Json(nullptr)},
  };
}

}  // namespace

void show_json(std::span<const Process> shown, const Totals& totals) {
  Json processes = Json::array();
  for (const Process& process : shown) processes.push_back(json_of(process));
  Json document = json_document();
  document["processes"] = std::move(processes);
  document["totals"] = {
      {"processes", totals.processes},
      {"sealed", totals.sealed},
      {"partly", totals.partly},
      {"unsealed", totals.unsealed},
      {"unknown", totals.unknown},
      {"code_bytes", totals.code.all},
      {"code_sealed_bytes", totals.code.sealed},
  };
  print_json(document);
}

}  // namespace sealctl::ps
