// See saved.h.
#include "tools/sealctl/map/saved.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/files.h"
#include "tools/sealctl/json.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/text.h"

namespace sealctl::map {
namespace {

// What a file lacks that is no map.
struct NoMap {
  const char* lacks;
};

uint64_t address_in(const Json& json, const char* member) {
  constexpr int kHexadecimal = 16;
  const auto number =
      number_in<uint64_t>(json.at(member).get_ref<const std::string&>(), kHexadecimal);
  if (!number) throw NoMap{member};
  return *number;
}

std::string text_in(const Json& json, const char* member) {
  const Json& value = json.at(member);
  return value.is_null() ? std::string() : value.get<std::string>();
}

Line line_in(const Json& json) {
  Line line{.start = address_in(json, "start"), .end = address_in(json, "end")};
  const auto kind = kind_named(text_in(json, "kind"));
  if (!kind) throw NoMap{"kind"};
  if (line.end <= line.start) throw NoMap{"end"};
  line.kind = *kind;
  line.permissions = text_in(json, "permissions");
  line.name = text_in(json, "name");
  line.object = text_in(json, "of");
  line.has_file = json.at("file").get<bool>();
  line.is_sealed = json.at("sealed").get<bool>();
  line.reason = text_in(json, "reason");
  return line;
}

std::vector<Guard> ranges_in(const Json& json) {
  std::vector<Guard> ranges;
  ranges.reserve(json.size());
  for (const Json& range : json)
    ranges.push_back({address_in(range, "start"), address_in(range, "end"), text_in(range, "of")});
  return ranges;
}

Map map_in(const Json& json) {
  if (json.at("schema") != kJsonSchema) throw NoMap{"schema"};
  Map map{.pid = json.at("pid").get<pid_t>(), .command = text_in(json, "command")};
  map.loader = text_in(json, "loader");
  map.verdict = text_in(json, "verdict");
  const Json& mappings = json.at("mappings");
  map.lines.reserve(mappings.size());
  for (const Json& mapping : mappings) map.lines.push_back(line_in(mapping));
  map.guards = ranges_in(json.at("guards"));
  map.holes = ranges_in(json.at("holes"));
  return map;
}

}  // namespace

Map read_saved(const std::string& path) {
  constexpr size_t kMost = size_t{1} << 30;
  const auto text = read_file(AT_FDCWD, path.c_str(), kMost);
  if (!text)
    throw Failure(kNotPermitted,
                  fmt::format("{}: cannot read: {}", printable(path), std::strerror(errno)));
  std::string lacks;
  try {
    return map_in(Json::parse(*text));
  } catch (const NoMap& fault) {
    lacks = fault.lacks;
  } catch (const Json::exception& fault) {
    lacks = fault.what();
  }
  throw Failure(kUsage,
                fmt::format("{}: was not written by `sealctl map --json` of this version: {}",
                            printable(path), printable(lacks)));
}

}  // namespace sealctl::map
