// See show.h.
#include <fmt/format.h>

#include "tools/sealctl/json.h"
#include "tools/sealctl/map/show.h"

namespace sealctl::map {
namespace {

std::string hex(uint64_t number) { return fmt::format("{:x}", number); }

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json json_of(const Line& line) {
  return Json{{"start", hex(line.start)},
              {"end", hex(line.end)},
              {"permissions", line.permissions},
              {"name", text_or_null(line.name)},
              {"kind", word_for(line.kind)},
              {"of", text_or_null(line.object)},
              {"file", line.has_file},
              {"sealed", line.is_sealed},
              {"reason", text_or_null(line.reason)}};
}

Json json_of(const ps::Share& share) {
  return Json{{"bytes", share.all}, {"sealed_bytes", share.sealed}};
}

Json json_of(const std::vector<Guard>& ranges) {
  Json list = Json::array();
  for (const Guard& range : ranges)
    list.push_back(
        {{"start", hex(range.start)}, {"end", hex(range.end)}, {"of", text_or_null(range.of)}});
  return list;
}

}  // namespace

void show_json(const Map& map) {
  Json mappings = Json::array();
  for (const Line& line : map.lines) mappings.push_back(json_of(line));
  const Totals totals = total(map);
  Json document = json_document();
  document["pid"] = map.pid;
  document["command"] = map.command;
  document["loader"] = map.loader;
  document["verdict"] = map.verdict;
  document["mappings"] = std::move(mappings);
  document["guards"] = json_of(map.guards);
  document["holes"] = json_of(map.holes);
  document["totals"] = {{"mappings", totals.mappings},
                        {"sealed", totals.sealed},
                        {"executable", json_of(totals.executable)},
                        {"read_only", json_of(totals.read_only)},
                        {"writable_and_executable_bytes", totals.writable_and_executable},
                        {"guarded_bytes", totals.guarded}};
  print_json(document);
}

}  // namespace sealctl::map
