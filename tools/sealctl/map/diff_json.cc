// See diff.h.
#include <fmt/format.h>

#include "tools/sealctl/json.h"
#include "tools/sealctl/map/diff.h"
#include "tools/sealctl/map/show.h"

namespace sealctl::map {
namespace {

Json json_of(const Line* line) {
  if (line == nullptr) return nullptr;
  return Json{{"start", fmt::format("{:x}", line->start)},
              {"end", fmt::format("{:x}", line->end)},
              {"permissions", line->permissions},
              {"sealed", line->is_sealed}};
}

Json json_of(const Map& map) { return Json{{"pid", map.pid}, {"command", map.command}}; }

}  // namespace

void show_json(const Difference& difference, const Map& before, const Map& after) {
  Json changes = Json::array();
  for (const Change& change : difference.changes) {
    const Line& line = change.after == nullptr ? *change.before : *change.after;
    changes.push_back({{"changes", change.words},
                       {"what", what(line)},
                       {"before", json_of(change.before)},
                       {"after", json_of(change.after)}});
  }
  Json document = json_document();
  document["before"] = json_of(before);
  document["after"] = json_of(after);
  document["compared_by"] = difference.is_by_place ? "address" : "object";
  document["changes"] = std::move(changes);
  print_json(document);
}

}  // namespace sealctl::map
