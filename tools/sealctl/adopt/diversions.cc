// See diversions.h. The database is a text file with three lines for each diversion.
#include "tools/sealctl/adopt/diversions.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "tools/sealctl/adopt/process.h"
#include "tools/sealctl/adopt/refused.h"
#include "tools/sealctl/adopt/state_folder.h"

namespace sealctl {
namespace {

constexpr char kDpkgFolder[] = "/var/lib/dpkg";
constexpr char kDiversions[] = "diversions";
constexpr char kPath[] = "/var/lib/dpkg/diversions";
constexpr char kLocal[] = ":";
constexpr char kProgram[] = "/usr/bin/dpkg-divert";
constexpr int kSecondsForDpkg = 60;

void write_diversions(const Root& root, const std::vector<Diversion>& diversions) {
  std::string text;
  for (const Diversion& each : diversions)
    text += fmt::format("{}\n{}\n{}\n", each.file, each.target, each.package);
  const Fd folder = root.open(kDpkgFolder, O_RDONLY | O_DIRECTORY);
  replace_file(folder.get(), kDiversions, text, root.shown(kPath));
}

bool has_program(const Root& root) { return root.is_system() && root.status(kProgram).has_value(); }

void run_dpkg_divert(const Root& root, const char* command, const std::string& file,
                     const std::string& target) {
  const Outcome outcome = run(root, {.arguments = {kProgram, "--quiet", "--local", "--no-rename",
                                                   "--divert", target, command, file},
                                     .seconds = kSecondsForDpkg});
  if (!outcome.is_success())
    throw Failure(kFinding, fmt::format("dpkg-divert {} {}: {}", command, file, outcome.text()));
}

bool is_ours(const std::optional<Diversion>& diversion, const std::string& target) {
  return diversion && diversion->target == target && diversion->package == kLocal;
}

// Removes the database that a sealctl was writing when it was killed.
void remove_remains(const Root& root) {
  const Fd folder = root.try_open(kDpkgFolder, O_RDONLY | O_DIRECTORY);
  if (folder) remove_remains_of(folder.get(), kDiversions);
}

}  // namespace

bool has_dpkg(const Root& root) { return root.status("/var/lib/dpkg/status").has_value(); }

std::vector<Diversion> read_diversions(const Root& root) {
  const Fd file = root.try_open(kPath, O_RDONLY | O_NOFOLLOW);
  if (!file && errno == ENOENT) return {};
  if (!file) throw failed_by_kernel(root.shown(kPath), "cannot open");
  std::istringstream lines(read_file(file.get(), root.shown(kPath)));
  std::vector<Diversion> diversions;
  for (Diversion each; std::getline(lines, each.file);) {
    if (!std::getline(lines, each.target) || !std::getline(lines, each.package))
      throw Failure(kFinding, fmt::format("{}: is damaged: the diversion of {} lacks lines",
                                          root.shown(kPath), each.file));
    diversions.push_back(each);
  }
  return diversions;
}

std::optional<Diversion> diversion_of(const Root& root, const std::string& file) {
  const auto diversions = read_diversions(root);
  const auto found = std::ranges::find(diversions, file, &Diversion::file);
  if (found == diversions.end()) return {};
  return *found;
}

void add_diversion(const Root& root, const std::string& file, const std::string& target) {
  remove_remains(root);
  const auto old = diversion_of(root, file);
  if (is_ours(old, target)) return;
  if (old)
    throw Failure(
        kFinding,
        fmt::format("{}: {} is diverted already, to {} by {}", root.shown(kPath), file, old->target,
                    old->package == kLocal ? "the administrator" : old->package));
  if (has_program(root)) return run_dpkg_divert(root, "--add", file, target);
  auto diversions = read_diversions(root);
  diversions.push_back({file, target, kLocal});
  write_diversions(root, diversions);
}

void remove_diversion(const Root& root, const std::string& file, const std::string& target) {
  remove_remains(root);
  if (!is_ours(diversion_of(root, file), target)) return;
  if (has_program(root)) return run_dpkg_divert(root, "--remove", file, target);
  auto diversions = read_diversions(root);
  std::erase_if(diversions, [&](const Diversion& each) { return each.file == file; });
  write_diversions(root, diversions);
}

}  // namespace sealctl
