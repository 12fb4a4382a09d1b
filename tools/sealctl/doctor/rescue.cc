// What helps when the system does not come up: an initramfs that has ld-seal if its programs need
// it, and a shell that needs no loader.
#include <array>
#include <fmt/format.h>

#include "tools/sealctl/doctor/checks.h"
#include "tools/sealctl/doctor/cpio.h"
#include "tools/sealctl/elf_summary.h"
#include "tools/sealctl/output.h"

namespace sealctl::doctor {
namespace {

// What makes an initramfs, and where the part of it is that copies ld-seal.
struct Generator {
  const char* name;
  std::vector<std::string> programs;
  std::vector<std::string> hook_folders;
};

const std::array kGenerators = {
    Generator{"initramfs-tools",
              {"/usr/sbin/mkinitramfs", "/usr/sbin/update-initramfs"},
              {"/usr/share/initramfs-tools/hooks", "/etc/initramfs-tools/hooks"}},
    Generator{"dracut",
              {"/usr/bin/dracut", "/usr/sbin/dracut"},
              {"/usr/lib/dracut/modules.d", "/usr/lib/dracut/dracut.conf.d", "/etc/dracut.conf.d"}},
    Generator{"mkinitcpio",
              {"/usr/bin/mkinitcpio"},
              {"/usr/lib/initcpio/install", "/etc/initcpio/install"}},
};

bool has_any(const Root& root, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (root.has(path)) return true;
  }
  return false;
}

// The path of the hook; empty if there is none.
std::string hook_of(const Root& root, const Generator& generator) {
  for (const std::string& folder : generator.hook_folders) {
    for (const std::string& name : root.list(folder)) {
      if (name.find("ldseal") != name.npos) return fmt::format("{}/{}", folder, name);
    }
  }
  return {};
}

std::string image_text(const Root& root, const std::string& image, const std::string& hook) {
  switch (find_in_cpio(root.open_file(image), "ld-seal-")) {
    case Archived::kYes:
      return "contains ld-seal";
    case Archived::kNo:
      return "has no ld-seal, its programs need libc's loader";
    case Archived::kCompressed:
      break;
  }
  const bool is_newer = !hook.empty() && root.changed_at(image) > root.changed_at(hook);
  return is_newer
             ? "compressed, not read; made after the hook was installed"
             : "compressed, not read; made before the hook was installed, so it has no ld-seal";
}

void check_images(const Root& root, const std::string& hook, Report& report) {
  for (const std::string& name : root.list("/boot")) {
    const bool is_image = name.starts_with("initrd.img-") || name.starts_with("initramfs-");
    if (!is_image) continue;
    const std::string image = "/boot/" + name;
    if (root.open_file(image))
      report.fact("initramfs",
                  fmt::format("{}: {}", printable(image), image_text(root, image, hook)));
  }
}

void check_initramfs(const Root& root, Report& report) {
  bool has_generator = false;
  std::string hook;
  for (const Generator& generator : kGenerators) {
    if (!has_any(root, generator.programs)) continue;
    has_generator = true;
    hook = hook_of(root, generator);
    report.fact("initramfs",
                fmt::format("{}: hook {}", generator.name, hook.empty() ? "missing" : hook),
                !hook.empty());
    if (hook.empty())
      report.add(
          {Weight::kForbids, "no-initramfs-hook", "initramfs",
           fmt::format("{} has no hook that copies ld-seal: the next initramfs would not boot",
                       generator.name),
           "apt install --reinstall ldseal"});
  }
  if (!has_generator) report.fact("initramfs", "nothing here makes one");
  check_images(root, hook, report);
}

void check_shell(const Root& root, Report& report) {
  for (const char* path : {"/bin/busybox", "/usr/bin/busybox", "/bin/bash-static", "/bin/static-sh",
                           "/bin/sash", "/bin/zsh-static"}) {
    const auto elf = summarize_elf(root.open_file(path));
    if (elf && !elf->interpreter)
      return report.fact("rescue", fmt::format("{} is static: yes", path));
  }
  report.fact("rescue", "no static shell", false);
  report.add({Weight::kWarns, "no-rescue-shell", "rescue",
              "no shell works without a loader, if the loader is lost",
              "apt install busybox-static"});
}

}  // namespace

void check_rescue(const Root& root, Report& report) {
  check_initramfs(root, report);
  check_shell(root, report);
}

}  // namespace sealctl::doctor
