// What sandboxes of units forbid ld-seal. A filter that refuses mseal, or kills for it, is found out
// by ld-seal before it seals: such a unit runs unsealed. One whose program may not execute the file
// of ld-seal does not start at all.
#include <algorithm>
#include <fmt/format.h>

#include "tools/sealctl/doctor/checks.h"
#include "tools/sealctl/doctor/packages.h"
#include "tools/sealctl/doctor/syscall_filter.h"
#include "tools/sealctl/doctor/unit_files.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/text.h"

namespace sealctl::doctor {
namespace {

// The length of the folder if `path` is it, or is below it; 0 if not.
size_t covers(std::string_view folder, std::string_view path) {
  if (folder == "/") return 1;
  if (!path.starts_with(folder)) return 0;
  const bool is_below = path.size() == folder.size() || path[folder.size()] == '/';
  return is_below ? folder.size() : 0;
}

// The longest of the folders in a setting that `path` is in.
size_t longest(const Root& root, const Unit& unit, std::string_view setting,
               std::string_view path) {
  size_t best = 0;
  for (std::string folder : unit.words(setting)) {
    while (folder.starts_with('-') || folder.starts_with('+')) folder.erase(0, 1);
    folder = folder.substr(0, folder.find(':'));
    best = std::max(best, covers(root.real_path(folder).value_or(folder), path));
  }
  return best;
}

bool starts_off(const Unit& unit) {
  const std::vector<std::string> words = unit.words("Environment");
  return std::ranges::find(words, "LDSEAL=off") != words.end() &&
         std::ranges::find(words, "LDSEAL_GUARD=prot") != words.end();
}

class UnitCheck {
 public:
  UnitCheck(const Root& root, const SystemMachine& machine, Report& report)
      : root_(root),
        machine_(machine),
        report_(report),
        systemd_(systemd_facts(root)),
        loader_(root.real_path(machine.loader)
                    .value_or(fmt::format("/usr/lib/{}/{}", machine.multiarch,
                                          file_name(machine.loader)))) {}

  void run() {
    const std::vector<Unit> units = read_units(root_);
    if (units.empty()) return report_.fact("units", "none: systemd is not installed");
    for (const Unit& unit : units) look_at(unit);
    report_.fact("units", summary(units.size()), no_start_.empty() && filtered_.empty());
    report_findings();
  }

 private:
  void look_at(const Unit& unit) {
    const FilterAnswer filter = evaluate_filter(unit.values("SystemCallFilter"), systemd_);
    if (filter.kind == FilterKind::kAllowList) ++allow_lists_;
    const std::string error = unit.last("SystemCallErrorNumber");
    const bool kills = error.empty() || error == "kill";
    if (kills_for_questions(unit, systemd_) && !starts_off(unit)) short_.push_back(unit.name);
    if (!filter.allows_mseal) filtered_.push_back(unit.name + (kills ? " (kills)" : ""));
    if (unit.is_on("MemoryDenyWriteExecute")) ++write_xor_execute_;
    const size_t forbidden = longest(root_, unit, "NoExecPaths", loader_);
    const bool is_forbidden = forbidden > longest(root_, unit, "ExecPaths", loader_);
    if (forbidden != 0 || !unit.words("ExecPaths").empty()) ++exec_paths_;
    if (is_forbidden || longest(root_, unit, "InaccessiblePaths", loader_) != 0)
      no_start_.push_back(unit.name);
    const std::string root = unit.last("RootDirectory");
    const bool has_root = !root.empty() && root != "/";
    if (has_root && !root_.has(root + machine_.loader)) other_roots_.push_back(unit.name);
    for (const std::string& word : unit.words("Environment")) {
      if (word.starts_with("LDSEAL=")) by_policy_.push_back(unit.name + " (" + word + ")");
    }
  }

  std::string summary(size_t count) const {
    return fmt::format(
        "{}: {} with an allow-list of system calls, mseal refused in {} (systemd {}); ExecPaths "
        "{}: "
        "loader outside in {}; MemoryDenyWriteExecute {}",
        count, allow_lists_, filtered_.size(),
        systemd_.version == 0 ? "unknown" : std::to_string(systemd_.version), exec_paths_,
        no_start_.size(), write_xor_execute_);
  }

  void add(Weight weight, std::string_view word, const std::vector<std::string>& units,
           std::string_view text, std::string what_to_do) {
    if (units.empty()) return;
    std::string names;
    for (const std::string& name : units) names += (names.empty() ? "" : ", ") + printable(name);
    report_.add({weight, std::string(word), "units", fmt::format("{}: {}", text, names),
                 std::move(what_to_do)});
  }

  void report_findings() {
    add(Weight::kForbids, "unit-exec-paths", no_start_,
        fmt::format("these would not start, because they may not execute {}", loader_),
        fmt::format("add ExecPaths={} in a drop-in of each: systemctl edit UNIT", loader_));
    add(Weight::kWarns, "unit-filter-short", short_,
        "the SystemCallFilter= of these kills for prctl or clone, by which ld-seal asks what is "
        "allowed",
        "sealctl adopt --system starts them with LDSEAL=off, by a drop-in of each");
    add(Weight::kWarns, "unit-filter", filtered_,
        "these run unsealed, because their SystemCallFilter= refuses mseal",
        systemd_.can_name_mseal
            ? "add SystemCallFilter=mseal in a drop-in of each: systemctl edit UNIT"
            : "upgrade systemd and libseccomp (Debian 13 has 257): these cannot name mseal");
    add(Weight::kWarns, "unit-root", other_roots_,
        "these have a RootDirectory= without ld-seal, where programs stay as they are",
        "sealctl adopt --system --root FOLDER");
    add(Weight::kWarns, "unit-environment", by_policy_, "these set LDSEAL in their Environment=",
        "take the word out of the unit if it is no longer needed");
  }

  const Root& root_;
  const SystemMachine& machine_;
  Report& report_;
  SystemdFacts systemd_;
  std::string loader_;  // its file
  size_t allow_lists_ = 0;
  size_t exec_paths_ = 0;
  size_t write_xor_execute_ = 0;
  std::vector<std::string> short_, filtered_, no_start_, other_roots_, by_policy_;
};

}  // namespace

void check_units(const Root& root, const SystemMachine& machine, Report& report) {
  UnitCheck(root, machine, report).run();
}

}  // namespace sealctl::doctor
