// See control_flow.h.
#include "tools/sealctl/prove/control_flow.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "ldso/seal/policy.h"
#include "tools/sealctl/check/start.h"
#include "tools/sealctl/prove/proof.h"
#include "tools/sealctl/ps/policy_words.h"
#include "tools/sealctl/ps/proc_folder.h"

namespace sealctl::prove {
namespace {

constexpr char kNoMain[] = "the program's start code is not known: it calls no __libc_start_main";

bool is_code(const map::Map& map, uint64_t address) {
  const auto line = std::ranges::upper_bound(map.lines, address, {}, &map::Line::end);
  return line != map.lines.end() && line->start <= address && line->can('x');
}

// In the loader's image.
std::optional<size_t> count_code_words(const Tracee& process) {
  const std::optional<map::Map> map = map::describe(process.pid(), map::Guards::kInMemory);
  std::optional<size_t> count;
  for (const map::Line& line : map ? map->lines : std::vector<map::Line>()) {
    if (!is_loaders(line) || !line.can('w')) continue;
    std::vector<uint64_t> words(line.size() / sizeof(uint64_t));
    words.resize(process.read(line.start, words.data(), line.size()) / sizeof words[0]);
    count = count.value_or(0) + static_cast<size_t>(std::ranges::count_if(
                                    words, [&](uint64_t word) { return is_code(*map, word); }));
  }
  return count;
}

// Why ld-seal has left slots to calls.
std::string reason_for(const map::Map& map, const std::string& environment,
                       const std::string& executable, const std::vector<LoadedObject>& objects) {
  if (map.loader == "static") return "static";
  if (map.loader != "ld-seal") return "not under ld-seal";
  const std::optional<std::string> words = ps::variable_in(environment, "LDSEAL");
  ldseal::Policy policy;
  check::HeapArena arena;
  const auto program = std::ranges::find(objects, executable, &LoadedObject::name);
  bool is_known = program != objects.end() && program->file.why_not.empty();
  is_known = is_known && check::decide_policy(policy, program->file.module, arena);
  const bool is_off_by_note = is_known && !policy.seals(ldseal::SealClass::kPlt);
  if (words) is_known = static_cast<bool>(apply_variable(policy, words->c_str(), arena));
  if (is_known && !policy.seals(ldseal::SealClass::kPlt))
    return is_off_by_note ? "class plt is off by its note"
                          : fmt::format("class plt is off: LDSEAL={}", words.value_or(""));
  return "its stubs read slots that can be written";
}

}  // namespace

size_t ControlFlow::open_slots() const {
  return std::accumulate(calls.begin(), calls.end(), size_t{0},
                         [](size_t sum, const CallsProved& proved) { return sum + proved.open; });
}

size_t ControlFlow::open_link_maps() const {
  return static_cast<size_t>(
      std::ranges::count(exit.maps, Outcome::kOpen, &LinkMapProved::outcome));
}

ControlFlow attack_control_flow(Command command, Tracee& program, const map::Map& map) {
  ControlFlow found;
  ObjectFiles files;
  const ps::ProcFolder folder(program.pid());
  const std::string executable = folder.link("exe").value_or("");
  std::optional<Tracee> at_main = Tracee::start_to_main(std::move(command), executable, files);
  Tracee& process = at_main ? *at_main : program;
  const std::vector<LoadedObject> objects = find_loaded_objects(files, process);
  for (const LoadedObject& object : objects) found.calls.push_back(attack_calls(process, object));
  if (at_main) {
    found.exit = attack_destructors(*at_main, objects);
  } else {
    found.exit.why_not = kNoMain;
  }
  if (map.loader == "ld-seal") found.code_words = count_code_words(process);
  found.reason = reason_for(map, folder.read("environ").value_or(""), executable, objects);
  return found;
}

}  // namespace sealctl::prove
