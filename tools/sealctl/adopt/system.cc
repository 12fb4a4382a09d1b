// See system.h.
#include "tools/sealctl/adopt/system.h"

#include <algorithm>

#include "tools/sealctl/adopt/diversions.h"
#include "tools/sealctl/adopt/loader_name.h"
#include "tools/sealctl/adopt/proof.h"
#include "tools/sealctl/adopt/refused.h"
#include "tools/sealctl/adopt/report.h"
#include "tools/sealctl/adopt/seal_loader.h"
#include "tools/sealctl/adopt/unit_drop_ins.h"
#include "tools/sealctl/doctor/doctor.h"

namespace sealctl {
namespace {

std::string shown_name(const Root& root, const Machine& machine) {
  return root.shown(machine.libc_name);
}

// What is recorded, also where nothing may be made.
class Recorded {
 public:
  // Somebody decides anew, so what an upgrade has left to be done is forgotten.
  Recorded(const Root& root, bool dry_run)
      : folder_(dry_run ? StateFolder::find(root) : StateFolder::lock(root)) {
    if (!dry_run) forget_upgrade(*folder_);
  }

  std::optional<Step> step(const Machine& machine) const {
    return folder_ ? read_system(*folder_, machine) : std::nullopt;
  }
  void set(const Machine& machine, std::optional<Step> step) const {
    write_system(*folder_, machine, step);
  }

 private:
  std::optional<StateFolder> folder_;
};

// True if a package has diverted the name, as libc6 of Debian 13 does with what older packages
// put into /lib64: no package's file gets there then, and nothing more is to be diverted.
bool is_diverted_by_package(const Root& root, const Alias& alias) {
  const auto there = diversion_of(root, alias.file);
  return there && there->package != ":";
}

// Throws Refused if what sealctl would make is there already, made by others.
void check_nothing_in_the_way(const Root& root, const LoaderName& name) {
  if (name.leads_to_seal())
    throw Refused("leads to ld-seal, but not by sealctl: `sealctl release --system` gives it back");
  for (const Alias& alias : name.aliases()) {
    const auto there = diversion_of(root, alias.file);
    if (there && there->package == ":")
      throw Refused(fmt::format("{} is diverted already, to {}", there->file, there->target));
    const Place target = root.place(alias.target);
    if (status_at(target.folder.get(), target.name))
      throw Refused(fmt::format("{} is there, but not by sealctl", root.shown(alias.target)));
  }
}

// Prints what the proof says. Throws Refused with the first objection unless `force`.
void prove_or_refuse(const Root& root, const Machine& machine, const LoaderName& name, bool force) {
  const std::string libc =
      name.leads_to_seal() ? name.aliases().front().target : std::string(machine.libc_name);
  Proof proof = prove(root, machine, libc);
  std::ranges::copy(other_objections(root), std::back_inserter(proof.objections));
  for (const std::string& remark : proof.remarks) fmt::print("{}\n", remark);
  for (const std::string& objection : proof.objections)
    fmt::print(stderr, "sealctl: {}\n", objection);
  if (!proof.objections.empty() && !force)
    throw Refused("is left as it is: see above; --force exchanges it in spite of that");
}

void print_plan(const Root& root, const Machine& machine, const LoaderName& name) {
  fmt::print("would keep {} as {}\n", shown_name(root, machine),
             root.shown(name.aliases().front().target));
  if (has_dpkg(root))
    for (const Alias& alias : name.aliases())
      if (!is_diverted_by_package(root, alias))
        fmt::print("would divert dpkg's {} to {}\n", alias.file, alias.target);
  for (const std::string& unit : doctor::units_that_need_policy_off(root.shown("/")))
    fmt::print("would start {} with LDSEAL=off by a drop-in\n", unit);
  fmt::print("would make {} lead to {}\n", shown_name(root, machine), machine.seal_name);
}

void go_back(const Root& root, const Machine& machine, const LoaderName& name,
             const Recorded& recorded) {
  recorded.set(machine, Step::kReleasing);
  name.give_back();
  for (const Alias& alias : name.aliases()) remove_diversion(root, alias.file, alias.target);
  name.remove_kept();
  set_drop_ins(root, {});
  recorded.set(machine, {});
}

void go_forward(const Root& root, const Machine& machine, const LoaderName& name,
                const Recorded& recorded) {
  recorded.set(machine, Step::kAdopting);
  const bool is_done = name.leads_to_seal();
  if (!is_done) name.keep();
  if (has_dpkg(root))
    for (const Alias& alias : name.aliases())
      if (!is_diverted_by_package(root, alias)) add_diversion(root, alias.file, alias.target);
  set_drop_ins(root, doctor::units_that_need_policy_off(root.shown("/")));
  if (!is_done) name.lead_to_seal();
  if (const std::string wrong = try_exchanged(root, machine); !wrong.empty()) {
    go_back(root, machine, name, recorded);
    throw Refused(fmt::format("was exchanged and given back, because {}", wrong));
  }
  recorded.set(machine, Step::kAdopted);
}

void adopt_machine(const Root& root, const Machine& machine, const SystemOptions& options,
                   const Recorded& recorded) {
  const auto step = recorded.step(machine);
  const LoaderName name(root, machine);
  if (!name.exists()) throw Refused("is missing: there is no libc for this machine");
  const SystemState state = system_state(root, machine);
  if (step == Step::kAdopted && verdict_on(state, machine).is_fine) {
    if (!options.dry_run) set_drop_ins(root, doctor::units_that_need_policy_off(root.shown("/")));
    if (!options.again) fmt::print("{}: is adopted already\n", shown_name(root, machine));
    return;
  }
  if (!step) check_nothing_in_the_way(root, name);
  check_drop_ins(root, doctor::units_that_need_policy_off(root.shown("/")));
  // A half done adoption was proved before it began.
  if (step != Step::kAdopting) prove_or_refuse(root, machine, name, options.force);
  if (options.dry_run) return print_plan(root, machine, name);
  go_forward(root, machine, name, recorded);
  fmt::print("{}: leads to ld-seal\n", shown_name(root, machine));
}

void release_machine(const Root& root, const Machine& machine, const SystemOptions& options,
                     const Recorded& recorded) {
  const LoaderName name(root, machine);
  if (!recorded.step(machine) && !name.leads_to_seal()) {
    fmt::print("{}: is not adopted\n", shown_name(root, machine));
    return;
  }
  if (options.dry_run) {
    fmt::print("would give {} back to libc\n", shown_name(root, machine));
    return;
  }
  go_back(root, machine, name, recorded);
  fmt::print("{}: leads to libc's rtld\n", shown_name(root, machine));
}

bool exists(const Root& root, std::string_view path) {
  try {
    const Place place = root.place(std::string(path));
    return status_at(place.folder.get(), place.name).has_value();
  } catch (const Refused&) {
    return false;
  }
}

// The machines to adopt. With libc for several machines, those that ld-seal is installed for.
std::vector<const Machine*> wanted(const Root& root, const SystemOptions& options,
                                   const Recorded& recorded) {
  std::vector<const Machine*> with_libc;
  std::vector<const Machine*> with_both;
  std::vector<const Machine*> of_record;
  for (const Machine& machine : kMachines) {
    if (recorded.step(machine)) of_record.push_back(&machine);
    if (!exists(root, machine.libc_name)) continue;
    with_libc.push_back(&machine);
    if (exists(root, machine.seal_name)) with_both.push_back(&machine);
  }
  if (options.again) return of_record;
  if (with_libc.empty())
    throw Failure(kFinding, fmt::format("{}: there is neither {} nor {}", root.shown("/"),
                                        kMachines[0].libc_name, kMachines[1].libc_name));
  return with_both.empty() ? with_libc : with_both;
}

}  // namespace

SystemState system_state(const Root& root, const Machine& machine) {
  SystemState state;
  if (const auto folder = StateFolder::find(root)) state.step = read_system(*folder, machine);
  state.is_here = exists(root, machine.libc_name);
  if (!state.is_here && !state.step) return state;
  const LoaderName name(root, machine);
  state.is_link = name.leads_to_seal();
  state.is_kept = std::ranges::any_of(
      name.aliases(), [&](const Alias& alias) { return exists(root, alias.target); });
  state.is_diverted =
      !has_dpkg(root) || std::ranges::all_of(name.aliases(), [&](const Alias& alias) {
        const auto there = diversion_of(root, alias.file);
        return there && (there->package != ":" || there->target == alias.target);
      });
  state.is_loader = root.status(std::string(machine.seal_name)).has_value();
  return state;
}

SystemVerdict verdict_on(const SystemState& state, const Machine& machine) {
  const std::string name(machine.libc_name);
  const std::string again = "run `sealctl adopt --again`, or `sealctl release --system`";
  if (state.step == Step::kAdopting)
    return {"half done", "an adoption was interrupted: " + again, false};
  if (state.step == Step::kReleasing)
    return {"half done", "a release was interrupted: run `sealctl release --system`", false};
  if (!state.step && !state.is_link) return {"not adopted", name + " leads to libc's rtld", true};
  if (!state.step) return {"damaged", name + " leads to ld-seal, but not by sealctl", false};
  if (!state.is_link) return {"damaged", name + " was replaced since: " + again, false};
  if (!state.is_loader)
    return {"damaged", fmt::format("{} is missing: no program starts", machine.seal_name), false};
  if (!state.is_diverted)
    return {"damaged", "dpkg's diversion is missing: an upgrade of libc undoes it: " + again,
            false};
  if (!state.is_kept) return {"damaged", "what " + name + " was is no longer kept", false};
  return {"adopted", name + " leads to ld-seal", true};
}

ExitStatus adopt_system(const Root& root, const SystemOptions& options) {
  const Recorded recorded(root, options.dry_run);
  Report report;
  for (const Machine* machine : wanted(root, options, recorded)) {
    try {
      adopt_machine(root, *machine, options, recorded);
    } catch (const Refused& refused) {
      report.refused(shown_name(root, *machine), refused);
    }
  }
  return report.finish();
}

ExitStatus release_system(const Root& root, const SystemOptions& options) {
  const Recorded recorded(root, options.dry_run);
  Report report;
  for (const Machine& machine : kMachines) {
    if (!exists(root, machine.libc_name) && !recorded.step(machine)) continue;
    try {
      release_machine(root, machine, options, recorded);
    } catch (const Refused& refused) {
      report.refused(shown_name(root, machine), refused);
    }
  }
  return report.finish();
}

}  // namespace sealctl
