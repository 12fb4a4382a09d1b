// See record.h.
#include "tools/sealctl/adopt/record.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "tools/sealctl/adopt/refused.h"
#include "tools/sealctl/json.h"

namespace sealctl {
namespace {

constexpr int kSchema = 1;
constexpr char kPrograms[] = "programs.json";
constexpr char kAdoptAgain[] = "adopt-again";
constexpr std::array<std::string_view, 3> kSteps = {"adopting", "adopted", "releasing"};

std::string system_file(const Machine& machine) {
  return fmt::format("system-{}.json", machine.name);
}

Step step_named(const std::string& name) {
  const auto* found = std::ranges::find(kSteps, name);
  if (found == kSteps.end()) throw std::runtime_error(fmt::format("step is \"{}\"", name));
  return static_cast<Step>(found - kSteps.begin());
}

const Machine& machine_in(const Json& json) {
  const auto name = json.at("machine").get<std::string>();
  const Machine* machine = machine_named(name);
  if (machine == nullptr) throw std::runtime_error(fmt::format("machine is \"{}\"", name));
  return *machine;
}

std::string hex_of(const std::string& bytes) {
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::string bytes_of(const std::string& text) {
  if (text.size() % 2 != 0 || text.find_first_not_of("0123456789abcdef") != text.npos)
    throw std::runtime_error(fmt::format("capability is \"{}\"", text));
  std::string bytes;
  for (size_t at = 0; at < text.size(); at += 2)
    bytes += static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16));
  return bytes;
}

Json json_of(const Entry& entry) {
  return {{"path", entry.path},
          {"machine", entry.machine->name},
          {"step", kSteps[static_cast<size_t>(entry.step)]},
          {"offset", entry.offset},
          {"size", entry.size},
          {"inode", entry.inode},
          {"mode", fmt::format("{:04o}", entry.before.mode)},
          {"modified", {entry.before.modified.tv_sec, entry.before.modified.tv_nsec}},
          {"capability", hex_of(entry.before.capability)},
          {"names", entry.names}};
}

bool is_file_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos;
}

Entry entry_of(const Json& json) {
  Entry entry;
  entry.path = json.at("path").get<std::string>();
  if (!entry.path.starts_with('/') || entry.path.find('\0') != entry.path.npos)
    throw std::runtime_error(fmt::format("path is \"{}\"", entry.path));
  entry.machine = &machine_in(json);
  entry.step = step_named(json.at("step").get<std::string>());
  entry.offset = json.at("offset").get<uint64_t>();
  entry.size = json.at("size").get<uint64_t>();
  entry.inode = json.at("inode").get<uint64_t>();
  const auto mode = json.at("mode").get<std::string>();
  entry.before.mode = static_cast<mode_t>(std::stoul(mode, nullptr, 8)) & ~S_IFMT;
  entry.before.modified = {json.at("modified").at(0).get<time_t>(),
                           json.at("modified").at(1).get<long>()};
  entry.before.capability = bytes_of(json.at("capability").get<std::string>());
  entry.names = json.at("names").get<std::vector<std::string>>();
  if (!std::ranges::all_of(entry.names, is_file_name))
    throw std::runtime_error("names: no file name");
  return entry;
}

// Calls `read` with the file's JSON, if there is the file; turns every error into one line.
template <typename Reader>
void read_json(const StateFolder& folder, const std::string& name, Reader read) {
  const auto text = folder.read(name);
  if (!text) return;
  try {
    const Json json = Json::parse(*text);
    if (const int schema = json.at("schema").get<int>(); schema != kSchema)
      throw std::runtime_error(fmt::format("schema is {} instead of {}", schema, kSchema));
    read(json);
  } catch (const std::exception& error) {
    throw Failure(kFinding, fmt::format("{}: is damaged: {}", folder.shown(name), error.what()));
  }
}

}  // namespace

bool is_recordable(const std::string& path) {
  try {
    return !Json(path).dump().empty();
  } catch (const Json::type_error&) {
    return false;
  }
}

std::vector<Entry> read_programs(const StateFolder& folder) {
  std::vector<Entry> programs;
  read_json(folder, kPrograms, [&](const Json& json) {
    for (const Json& program : json.at("programs")) programs.push_back(entry_of(program));
  });
  std::ranges::sort(programs, {}, &Entry::path);
  return programs;
}

void write_programs(const StateFolder& folder, const std::vector<Entry>& programs) {
  if (programs.empty()) return folder.remove(kPrograms);
  std::string text = fmt::format("{{\"schema\":{},\"programs\":[\n", kSchema);
  for (const Entry& entry : programs)  // a line for each, for people and diff(1)
    text += json_of(entry).dump() + (&entry == &programs.back() ? "\n" : ",\n");
  folder.write(kPrograms, text + "]}\n");
}

std::optional<Step> read_system(const StateFolder& folder, const Machine& machine) {
  std::optional<Step> step;
  read_json(folder, system_file(machine),
            [&](const Json& json) { step = step_named(json.at("step").get<std::string>()); });
  return step;
}

void write_system(const StateFolder& folder, const Machine& machine, std::optional<Step> step) {
  if (!step) return folder.remove(system_file(machine));
  const Json json = {{"schema", kSchema},
                     {"machine", machine.name},
                     {"loader", machine.libc_name},
                     {"step", kSteps[static_cast<size_t>(*step)]}};
  folder.write(system_file(machine), json.dump() + "\n");
}

void forget_upgrade(const StateFolder& folder) { folder.remove(kAdoptAgain); }

}  // namespace sealctl
