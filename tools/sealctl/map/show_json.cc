// See show.h.
#include <fmt/format.h>

#include "tools/sealctl/json.h"
#include "tools/sealctl/map/show.h"
#include "tools/sealctl/ps/verdict.h"

namespace sealctl::map {
namespace {

std::string hex(uint64_t number) { return fmt::format("{:x}", number); }

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string permissions_of(const ps::Mapping& m) {
  return fmt::format("{}{}{}", m.is_readable ? 'r' : '-', m.is_writable ? 'w' : '-',
                     m.is_executable ? 'x' : '-');
}

Json json_of(const Line& line) {
  const ps::Mapping& m = line.mapping;
  return Json{{"start", hex(m.start)},
              {"end", hex(m.end)},
              {"permissions", permissions_of(m)},
              {"name", text_or_null(m.name)},
              {"kind", word_for(line.kind)},
              {"of", text_or_null(line.object)},
              {"sealed", m.is_sealed},
              {"reason", text_or_null(line.reason)}};
}

Json json_of(const ps::Share& share) {
  return Json{{"bytes", share.all}, {"sealed_bytes", share.sealed}};
}

}  // namespace

void show_json(const Map& map) {
  Json mappings = Json::array(), guards = Json::array();
  for (const Line& line : map.lines) mappings.push_back(json_of(line));
  for (const ps::GuardRange& guard : map.guards)
    guards.push_back({{"start", hex(guard.start)}, {"end", hex(guard.end)}});
  const Totals totals = total(map);
  Json document = json_document();
  document["pid"] = map.process.pid;
  document["command"] = map.process.command;
  document["loader"] = ps::word_for(map.process.memory->loader);
  document["verdict"] = ps::word_for(map.process.verdict);
  document["mappings"] = std::move(mappings);
  document["guards"] = std::move(guards);
  document["totals"] = {{"mappings", totals.mappings},
                        {"sealed", totals.sealed},
                        {"executable", json_of(totals.executable)},
                        {"read_only", json_of(totals.read_only)},
                        {"writable_and_executable_bytes", totals.writable_and_executable}};
  print_json(document);
}

}  // namespace sealctl::map
