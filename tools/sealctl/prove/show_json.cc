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

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json json_of(const ControlFlow& found) {
  Json calls = Json::array(), maps = Json::array();
  for (const CallsProved& proved : found.calls)
    calls.push_back(
        {{"of", proved.object},
         {"slots", proved.slots},
         {"writable", proved.writable},
         {"held", proved.held()},
         {"open", proved.open},
         {"not_made", proved.not_made},
         {"reason", proved.open != 0 ? Json(found.reason) : text_or_null(proved.why_not)}});
  for (const LinkMapProved& proved : found.exit.maps)
    maps.push_back(
        {{"of", proved.object}, {"list", proved.list}, {"outcome", word_for(proved.outcome)}});
  return Json{
      {"calls", std::move(calls)},
      {"exit", {{"reason", text_or_null(found.exit.why_not)}, {"link_maps", std::move(maps)}}},
      {"code_words", found.code_words ? Json(*found.code_words) : Json(nullptr)}};
}

}  // namespace

void show_json(const Proof& proof) {
  Json mappings = Json::array();
  for (const Proved& proved : proof.mappings) mappings.push_back(json_of(proved));
  Json document = json_document();
  document["command"] = proof.map.command;
  document["loader"] = proof.map.loader;
  document["mappings"] = std::move(mappings);
  document["control_flow"] = json_of(proof.control_flow);
  document["totals"] = {{"mappings", proof.mappings.size()},
                        {"missing", proof.missing()},
                        {"open_slots", proof.control_flow.open_slots()},
                        {"open_link_maps", proof.control_flow.open_link_maps()},
                        {"way_around", proof.has_way_around()},
                        {"records_bytes", proof.records}};
  print_json(document);
}

}  // namespace sealctl::prove
