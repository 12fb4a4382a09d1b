// Which libc is there, and its own loader.
#include <charconv>
#include <fmt/format.h>

#include "tools/sealctl/doctor/checks.h"
#include "tools/sealctl/doctor/packages.h"
#include "tools/sealctl/elf_summary.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/text.h"

namespace sealctl::doctor {
namespace {

struct Version {
  int major = 0;
  int minor = 0;
  auto operator<=>(const Version&) const = default;
};

constexpr Version kOldestGlibc{2, 34};

// "GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36." is a text in it.
std::string version_in(std::string_view libc) {
  const size_t name = libc.find("GNU C Library");
  constexpr std::string_view kMark = "release version ";
  const size_t at = name == libc.npos ? name : libc.find(kMark, name);
  if (at == libc.npos) return {};
  const std::string_view text = libc.substr(at + kMark.size());
  const std::string_view version = text.substr(0, text.find_first_not_of("0123456789."));
  return std::string(version.substr(0, version.find_last_not_of('.') + 1));
}

Version parsed(std::string_view text) {
  Version version;
  const auto major = std::from_chars(text.data(), text.data() + text.size(), version.major);
  if (major.ptr != text.data() + text.size())
    std::from_chars(major.ptr + 1, text.data() + text.size(), version.minor);
  return version;
}

std::vector<std::string> glibc_folders(const SystemMachine& machine) {
  return {fmt::format("/lib/{}", machine.multiarch),
          fmt::format("/usr/lib/{}", machine.multiarch),
          "/lib64",
          "/usr/lib64",
          "/lib",
          "/usr/lib"};
}

// glibc's own loader: a file of its name that is not ld-seal. Empty: there is none.
std::string find_glibc_loader(const Root& root, const SystemMachine& machine) {
  const std::string name(file_name(machine.glibc_loader));
  std::vector<std::string> paths = {machine.glibc_loader};
  for (const std::string& folder : glibc_folders(machine))
    paths.push_back(fmt::format("{}/{}", folder, name));
  for (const std::string& folder : glibc_folders(machine))
    paths.push_back(fmt::format("{}/{}.distrib", folder, name));
  for (const std::string& path : paths) {
    const auto elf = summarize_elf(root.open_file(path));
    if (elf && elf->machine == machine.number && !elf->soname.starts_with("ld-seal-"))
      return root.real_path(path).value_or(path);
  }
  return {};
}

// Returns whether there is a glibc.
bool check_glibc(const Root& root, const SystemMachine& machine, Report& report) {
  std::optional<std::string> libc;
  for (const std::string& folder : glibc_folders(machine)) {
    if (!libc) libc = root.read(folder + "/libc.so.6");
  }
  if (!libc) return false;
  const std::string version = version_in(*libc);
  const std::string loader = find_glibc_loader(root, machine);
  const bool is_old = parsed(version) < kOldestGlibc;
  const auto adopted = root.real_path(machine.glibc_loader).value_or("");
  report.fact("libc",
              fmt::format("glibc {}, its loader {}{}", version.empty() ? "unknown" : version,
                          loader.empty() ? "missing" : printable(loader),
                          file_name(adopted).starts_with("ld-seal-")
                              ? fmt::format("; {} leads to ld-seal", machine.glibc_loader)
                              : ""),
              !is_old && !loader.empty());
  if (is_old)
    report.add({Weight::kForbids, "old-glibc", "libc",
                fmt::format("glibc {} is older than 2.34, the oldest that ld-seal starts",
                            version.empty() ? "unknown" : version),
                "upgrade the system: Debian 12 has glibc 2.36"});
  if (loader.empty())
    report.add({Weight::kForbids, "no-libc-loader", "libc",
                fmt::format("glibc's own loader {} is not there", file_name(machine.glibc_loader)),
                "install it again: ld-seal needs it to start libc: apt install --reinstall libc6"});
  return true;
}

bool check_musl(const Root& root, const SystemMachine& machine, Report& report) {
  const auto loader = root.real_path(machine.musl_loader);
  if (!loader) return false;
  const std::string version = package_version(root, "musl");
  report.fact("libc", fmt::format("musl {}, its loader {}", version.empty() ? "unknown" : version,
                                  printable(*loader)));
  return true;
}

// Without comments, which go from '#' to the end of their lines.
std::string without_comments(std::string text) {
  for (size_t at = 0; (at = text.find('#', at)) != text.npos;)
    text.erase(at, std::min(text.find('\n', at), text.size()) - at);
  return text;
}

void check_preload(const Root& root, Report& report) {
  std::optional<std::string> text = root.read("/etc/ld.so.preload");
  if (!text) return report.fact("preload", "/etc/ld.so.preload: absent");
  text = without_comments(*std::move(text));
  std::string names, missing;
  for (size_t at = 0; (at = text->find_first_not_of(" \t\n:", at)) != text->npos;) {
    const size_t end = std::min(text->find_first_of(" \t\n:", at), text->size());
    const std::string name = text->substr(at, end - at);
    at = end;
    names += (names.empty() ? "" : ", ") + printable(name);
    const bool is_missing =
        name.find('/') != name.npos && name.find('$') == name.npos && !root.has(name);
    if (is_missing) missing += (missing.empty() ? "" : ", ") + printable(name);
  }
  report.fact("preload",
              fmt::format("/etc/ld.so.preload: {}; ld-seal loads it, as libc's loader does",
                          names.empty() ? "empty" : names),
              missing.empty());
  if (!missing.empty())
    report.add({Weight::kWarns, "preload-missing", "preload",
                fmt::format("/etc/ld.so.preload names what is not there: {}", missing),
                "take the line out, or install the library"});
}

}  // namespace

void check_libc(const Root& root, const SystemMachine& machine, Report& report) {
  const bool has_glibc = check_glibc(root, machine, report);
  const bool has_musl = check_musl(root, machine, report);
  if (!has_glibc && !has_musl) {
    report.fact("libc", fmt::format("none for {}", machine.name), false);
    report.add({Weight::kForbids, "no-libc", "libc",
                fmt::format("there is neither glibc nor musl for {}", machine.name),
                "programs without a libc, and static ones, have nothing to adopt"});
  }
  check_preload(root, report);
}

}  // namespace sealctl::doctor
