// See loader_name.h.
#include "tools/sealctl/adopt/loader_name.h"

#include <algorithm>
#include <array>

#include "tools/sealctl/adopt/refused.h"
#include "tools/sealctl/adopt/state_folder.h"

namespace sealctl {
namespace {

constexpr char kTemporary[] = ".ldseal-link";

// True if the list of files of the installed libc6 has this line.
bool libc_package_has(const Root& root, const Machine& machine, const std::string& file) {
  for (const std::string& name :
       {fmt::format("libc6:{}", machine.dpkg_machine), std::string("libc6")}) {
    const std::string path = fmt::format("/var/lib/dpkg/info/{}.list", name);
    const Fd list = root.try_open(path, O_RDONLY | O_NOFOLLOW);
    if (list && ("\n" + read_file(list.get(), path)).find("\n" + file + "\n") != std::string::npos)
      return true;
  }
  return false;
}

}  // namespace

LoaderName::LoaderName(const Root& root, const Machine& machine)
    : root_(root),
      machine_(machine),
      place_(root.place(std::string(machine.libc_name))),
      name_(place_.name) {
  const std::string file(machine.libc_name);
  aliases_.push_back({file, file + ".distrib"});
  if (place_.path != "/usr" + file) return;
  // Two names of one place need two targets: dpkg removes the old one of a package that moves its
  // file from one to the other.
  aliases_.push_back({place_.path, place_.path + ".distrib.usr-is-merged"});
  if (libc_package_has(root, machine, place_.path)) std::swap(aliases_[0], aliases_[1]);
}

std::vector<std::string> LoaderName::kept() const {
  std::vector<std::string> names;
  for (const Alias& alias : aliases_) names.push_back(base_name(alias.target));
  return names;
}

void LoaderName::replace_by(const std::string& temporary, const std::string& name) const {
  if (renameat(folder(), temporary.c_str(), folder(), name.c_str()) != 0)
    throw refused_by_kernel(fmt::format("cannot replace {}", name));
  // Two names of one file: rename(2) leaves both.
  unlinkat(folder(), temporary.c_str(), 0);
  const Fd again(openat(folder(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!again || fsync(again.get()) != 0) throw refused_by_kernel("cannot make its folder durable");
}

bool LoaderName::leads_to_kept() const {
  const auto text = link_at(folder(), name_);
  return text && std::ranges::count(kept(), base_name(*text)) != 0;
}

void LoaderName::keep() const {
  if (leads_to_kept()) return;
  unlinkat(folder(), kTemporary, 0);
  if (linkat(folder(), name_.c_str(), folder(), kTemporary, 0) != 0) {
    // A file system without hard links to symbolic links: the same text does.
    const auto text = link_at(folder(), name_);
    if (!text || symlinkat(text->c_str(), folder(), kTemporary) != 0)
      throw refused_by_kernel(fmt::format("cannot keep {}", name_));
  }
  replace_by(kTemporary, kept().front());
}

void LoaderName::lead_to_seal() const {
  unlinkat(folder(), kTemporary, 0);
  if (symlinkat(link_text().c_str(), folder(), kTemporary) != 0)
    throw refused_by_kernel("cannot create a symbolic link");
  replace_by(kTemporary, name_);
}

void LoaderName::give_back() const {
  if (exists() && !leads_to_seal() && !leads_to_kept()) return;
  for (const std::string& name : kept())
    if (status_at(folder(), name)) return replace_by(name, name_);
  if (!root_.status(std::string(machine_.libc_file)))
    throw Refused(fmt::format("{} is not kept and libc's rtld is not at {}", kept().front(),
                              root_.shown(machine_.libc_file)));
  unlinkat(folder(), kTemporary, 0);
  if (symlinkat(std::string(machine_.libc_file).c_str(), folder(), kTemporary) != 0)
    throw refused_by_kernel("cannot create a symbolic link");
  replace_by(kTemporary, name_);
}

void LoaderName::remove_kept() const {
  unlinkat(folder(), kTemporary, 0);
  for (const std::string& name : kept())
    if (unlinkat(folder(), name.c_str(), 0) != 0 && errno != ENOENT)
      throw refused_by_kernel(fmt::format("cannot remove {}", name));
}

}  // namespace sealctl
