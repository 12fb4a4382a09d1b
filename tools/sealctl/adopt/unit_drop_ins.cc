// See unit_drop_ins.h.
#include "tools/sealctl/adopt/unit_drop_ins.h"

#include <algorithm>
#include <dirent.h>
#include <memory>

#include "tools/sealctl/adopt/process.h"
#include "tools/sealctl/adopt/refused.h"
#include "tools/sealctl/adopt/state_folder.h"

namespace sealctl {
namespace {

constexpr char kUnits[] = "/etc/systemd/system";
constexpr char kDropIn[] = "ldseal.conf";
constexpr std::string_view kEnding = ".d";
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
constexpr std::string_view kMark =  // by which those of every version are known
    "# Made by `sealctl adopt --system`; `sealctl release --system` removes it.\n";
constexpr std::string_view kText =
    "# Made by `sealctl adopt --system`; `sealctl release --system` removes it.\n"
    "# The unit's SystemCallFilter= kills for calls by which ld-seal asks what it allows.\n"
    "[Service]\n"
    "Environment=LDSEAL=off LDSEAL_GUARD=prot\n";

std::string folder_of(const std::string& unit) { return kUnits + ("/" + unit) + ".d"; }

std::vector<std::string> units_with_folders(const Root& root) {
  std::vector<std::string> units;
  const Fd folder = root.try_open(kUnits, kFolderFlags);
  const int again = folder ? openat(folder.get(), ".", kFolderFlags) : -1;
  const std::unique_ptr<DIR, decltype(&closedir)> list(again < 0 ? nullptr : fdopendir(again),
                                                       &closedir);
  while (const dirent* entry = list ? readdir(list.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (name.ends_with(kEnding)) units.emplace_back(name.substr(0, name.size() - kEnding.size()));
  }
  return units;
}

// The drop-in as it is, or nothing.
std::string text_in(const Fd& folder, const std::string& shown) {
  const Fd file(openat(folder.get(), kDropIn, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  return file ? read_file(file.get(), shown) : std::string();
}

// Only what is ours is removed. True if it was there.
bool remove_drop_in(const Root& root, const std::string& unit) {
  const std::string path = folder_of(unit);
  const Fd folder = root.try_open(path, kFolderFlags);
  if (!folder) return false;
  remove_remains_of(folder.get(), kDropIn);
  if (!text_in(folder, root.shown(path)).starts_with(kMark)) return false;
  if (unlinkat(folder.get(), kDropIn, 0) != 0)
    throw failed_by_kernel(root.shown(path + "/" + kDropIn), "cannot remove");
  const Fd units = root.try_open(kUnits, kFolderFlags);
  unlinkat(units.get(), (unit + ".d").c_str(), AT_REMOVEDIR);  // fails if there is more in it
  return true;
}

// True if it was not there, or was of another version.
bool add_drop_in(const Root& root, const std::string& unit) {
  const std::string path = folder_of(unit);
  const Fd units = root.open(kUnits, kFolderFlags);
  if (mkdirat(units.get(), (unit + ".d").c_str(), 0755) != 0 && errno != EEXIST)
    throw failed_by_kernel(root.shown(path), "cannot make");
  const Fd folder = root.open(path, kFolderFlags);
  const std::string shown = root.shown(path + "/" + kDropIn);
  const std::string old = text_in(folder, shown);
  if (old == kText) return false;
  replace_file(folder.get(), kDropIn, std::string(kText), shown);
  return true;
}

}  // namespace

void check_drop_ins(const Root& root, const std::vector<std::string>& units) {
  for (const std::string& unit : units) {
    const std::string path = folder_of(unit);
    const Fd folder = root.try_open(path, kFolderFlags);
    const std::string shown = root.shown(path + "/" + kDropIn);
    const std::string old = folder ? text_in(folder, shown) : std::string();
    if (!old.empty() && !old.starts_with(kMark))
      throw Refused(fmt::format("{} is there, but not by sealctl", shown));
  }
}

void set_drop_ins(const Root& root, const std::vector<std::string>& units) {
  bool has_changed = false;
  for (const std::string& unit : units_with_folders(root)) {
    if (std::ranges::find(units, unit) == units.end())
      has_changed = remove_drop_in(root, unit) || has_changed;
  }
  for (const std::string& unit : units) has_changed = add_drop_in(root, unit) || has_changed;
  if (!has_changed || !root.is_system() || !root.status("/run/systemd/system")) return;
  const Outcome outcome = run(root, {.arguments = {"/usr/bin/systemctl", "daemon-reload"}});
  if (!outcome.is_success()) fmt::print(stderr, "sealctl: systemctl: {}\n", outcome.text());
}

}  // namespace sealctl
