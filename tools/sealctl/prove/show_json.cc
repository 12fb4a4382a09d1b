// See show.h.
#include <fmt/format.h>

#include "tools/sealctl/json.h"
#include "tools/sealctl/prove/show.h"

namespace sealctl::prove {
namespace {

Json json_of(const Proved& proved) {
  Json attempts = Json::array();
  for (const Attempt& attempt : proved.attempts)
    attempts.push_back({{"attack", attempt.attack->name},
                        {"stopped_by_seals", attempt.attack->is_stopped_by_seals},
                        {"outcome", word_for(attempt.outcome)},
                        {"answer", attempt.answer},
                        {"effect", attempt.effect}});
  return Json{{"start", fmt::format("{:x}", proved.line.start)},
              {"end", fmt::format("{:x}", proved.line.end)},
              {"permissions", proved.line.permissions},
              {"of", proved.line.object},
              {"kind", map::word_for(proved.line.kind)},
              {"group", word_for(proved.group)},
              {"sealed", proved.line.is_sealed},
              {"held", !proved.is_open()},
              {"reason", proved.line.reason.empty() ? Json(nullptr) : Json(proved.line.reason)},
              {"attempts", std::move(attempts)}};
}

}  // namespace

void show_json(const Proof& proof) {
  Json mappings = Json::array();
  for (const Proved& proved : proof.mappings) mappings.push_back(json_of(proved));
  Json document = json_document();
  document["command"] = proof.map.command;
  document["loader"] = proof.map.loader;
  document["mappings"] = std::move(mappings);
  document["totals"] = {{"mappings", proof.mappings.size()},
                        {"missing", proof.missing()},
                        {"way_around", proof.has_way_around()},
                        {"records_bytes", proof.records}};
  print_json(document);
}

}  // namespace sealctl::prove
