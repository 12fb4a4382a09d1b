// See status.h.
#include "tools/sealctl/adopt/status.h"

#include <fmt/format.h>
#include <map>

#include "tools/sealctl/adopt/record.h"
#include "tools/sealctl/adopt/refused.h"
#include "tools/sealctl/adopt/rewrite.h"
#include "tools/sealctl/adopt/system.h"
#include "tools/sealctl/json.h"
#include "tools/sealctl/output.h"

namespace sealctl {
namespace {

using Paths = std::vector<std::string>;

struct ProgramsState {
  size_t recorded = 0;
  size_t adopted = 0;
  Paths half_done;   // a command was interrupted
  Paths replaced;    // libc's rtld starts them again: an upgrade
  Paths changed;     // another loader, or no ELF program any more
  Paths lost;        // there is no such file
  Paths unreadable;  // to this user

  bool is_fine() const {
    return half_done.empty() && replaced.empty() && changed.empty() && lost.empty();
  }
};

struct Status {
  std::vector<std::pair<const Machine*, SystemVerdict>> system;
  ProgramsState programs;
  bool is_locked = false;
  bool is_fine = true;
};

// The list that the program belongs into.
Paths& list_for(const Root& root, const Entry& entry, ProgramsState& state, Paths& adopted) {
  if (entry.step != Step::kAdopted) return state.half_done;
  if (!root.status(entry.path)) return state.lost;
  try {
    const OpenProgram program = open_program(root.place(entry.path));
    const ElfProgram elf = read_elf(program.file.get());
    if (elf.interp == entry.machine->seal_name) return adopted;
    return elf.interp == entry.machine->libc_name ? state.replaced : state.changed;
  } catch (const Refused& refused) {
    return refused.status() == kNotPermitted ? state.unreadable : state.changed;
  }
}

ProgramsState programs_state(const Root& root, const StateFolder& folder) {
  ProgramsState state;
  Paths adopted;
  for (const Entry& entry : read_programs(folder)) {
    ++state.recorded;
    list_for(root, entry, state, adopted).push_back(entry.path);
  }
  state.adopted = adopted.size();
  return state;
}

Status status_of_root(const Root& root) {
  Status status;
  for (const Machine& machine : kMachines) {
    const SystemState state = system_state(root, machine);
    if (!state.is_here && !state.step) continue;
    status.system.emplace_back(&machine, verdict_on(state, machine));
    status.is_fine = status.is_fine && status.system.back().second.is_fine;
  }
  const auto folder = StateFolder::find(root);
  if (folder) status.programs = programs_state(root, *folder);
  if (folder) status.is_locked = folder->is_locked();
  status.is_fine = status.is_fine && status.programs.is_fine();
  return status;
}

struct Finding {
  std::string_view what;
  const Paths& paths;
  std::string_view advice;
};

std::vector<Finding> findings(const ProgramsState& programs) {
  return {{"half done", programs.half_done, "run `sealctl adopt --again`"},
          {"replaced", programs.replaced, "an upgrade did: run `sealctl adopt --again`"},
          {"changed by others", programs.changed, "not libc's rtld and not ld-seal starts it"},
          {"lost", programs.lost, "the file is gone: `sealctl adopt --again` forgets it"},
          {"not readable", programs.unreadable, "ask as root"}};
}

ExitStatus exit_status(const Status& status) { return status.is_fine ? kDone : kFinding; }

}  // namespace

ExitStatus print_status(const Root& root) {
  const Status status = status_of_root(root);
  const Painter painter("never");
  if (status.is_locked) fmt::print("another sealctl is at work\n");
  for (const auto& [machine, verdict] : status.system)
    print_text(painter,
               {fmt::format("system {}: {}: {}", machine->name, verdict.state, verdict.detail)});
  const ProgramsState& programs = status.programs;
  fmt::print("programs: {} of {} adopted\n", programs.adopted, programs.recorded);
  for (const Finding& finding : findings(programs))
    for (const std::string& path : finding.paths)
      print_text(painter,
                 {fmt::format("{}: {}: {}", root.shown(path), finding.what, finding.advice)});
  return exit_status(status);
}

ExitStatus print_status_json(const Root& root) {
  const Status status = status_of_root(root);
  Json system = Json::array();
  for (const auto& [machine, verdict] : status.system)
    system.push_back({{"machine", machine->name},
                      {"loader", machine->libc_name},
                      {"state", verdict.state},
                      {"detail", verdict.detail},
                      {"fine", verdict.is_fine}});
  const ProgramsState& programs = status.programs;
  Json document = json_document();
  document["root"] = root.shown("/");
  document["locked"] = status.is_locked;
  document["system"] = system;
  document["programs"] = {{"recorded", programs.recorded},    {"adopted", programs.adopted},
                          {"half_done", programs.half_done},  {"replaced", programs.replaced},
                          {"changed", programs.changed},      {"lost", programs.lost},
                          {"unreadable", programs.unreadable}};
  document["fine"] = status.is_fine;
  print_json(document);
  return exit_status(status);
}

}  // namespace sealctl
