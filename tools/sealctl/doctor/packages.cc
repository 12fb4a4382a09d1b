// See packages.h.
#include "tools/sealctl/doctor/packages.h"

#include <charconv>
#include <fmt/format.h>
#include <iterator>

#include "tools/sealctl/doctor/machine.h"

namespace sealctl::doctor {
namespace {

// systemd 257 put mseal into its group @default, which every allow-list contains.
constexpr int kFirstWithMseal = 257;

// The number at the start of the text; 0 if there is none.
int number_at(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::vector<std::string> library_folders() {
  std::vector<std::string> folders;
  folders.reserve(2 * std::size(kMachines) + 4);
  for (const SystemMachine& machine : kMachines)
    folders.push_back(fmt::format("/usr/lib/{}", machine.multiarch));
  for (const SystemMachine& machine : kMachines)
    folders.push_back(fmt::format("/lib/{}", machine.multiarch));
  folders.insert(folders.end(), {"/usr/lib64", "/usr/lib", "/lib64", "/lib"});
  return folders;
}

// systemd's private library has the version in its name.
int version_by_library(const Root& root) {
  constexpr std::string_view kStart = "libsystemd-shared-";
  for (const std::string& folder : library_folders()) {
    for (const std::string& name : root.list(folder + "/systemd")) {
      if (name.starts_with(kStart)) return number_at(std::string_view(name).substr(kStart.size()));
    }
  }
  return 0;
}

// Names of system calls are texts with a NUL on both sides.
bool libseccomp_knows_mseal(const Root& root) {
  using namespace std::string_view_literals;
  for (const std::string& folder : library_folders()) {
    const auto library = root.read(folder + "/libseccomp.so.2");
    if (library) return library->find("\0mseal\0"sv) != library->npos;
  }
  return false;
}

}  // namespace

std::string package_version(const Root& root, const std::string& package) {
  const std::string status = root.read("/var/lib/dpkg/status").value_or("");
  const std::string start = fmt::format("Package: {}\n", package);
  for (size_t at = 0; (at = status.find(start, at)) != status.npos; at += start.size()) {
    if (at != 0 && status[at - 1] != '\n') continue;
    const std::string_view entry(status.data() + at,
                                 std::min(status.find("\n\n", at), status.size()) - at);
    constexpr std::string_view kVersion = "\nVersion: ";
    const size_t version = entry.find(kVersion);
    const bool is_installed = entry.find("\nStatus: install ok installed") != entry.npos;
    if (!is_installed || version == entry.npos) continue;
    const std::string_view rest = entry.substr(version + kVersion.size());
    return std::string(rest.substr(0, rest.find('\n')));
  }
  return {};
}

SystemdFacts systemd_facts(const Root& root) {
  SystemdFacts facts;
  facts.version = version_by_library(root);
  if (facts.version == 0) facts.version = number_at(package_version(root, "systemd"));
  facts.can_name_mseal = libseccomp_knows_mseal(root);
  facts.allows_mseal_by_default = facts.version >= kFirstWithMseal && facts.can_name_mseal;
  return facts;
}

}  // namespace sealctl::doctor
