// The name of libc's rtld in one root, what it leads to, and what is kept beside it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/sealctl/adopt/machines.h"
#include "tools/sealctl/adopt/root.h"

namespace sealctl {

// A name under which packages have libc's rtld, and where dpkg is to put that.
struct Alias {
  std::string file;
  std::string target;
};

class LoaderName {
 public:
  // Throws Refused if the folder of the name does not exist.
  LoaderName(const Root& root, const Machine& machine);

  bool exists() const { return status_at(folder(), name_).has_value(); }
  bool leads_to_seal() const { return link_at(folder(), name_) == link_text(); }

  // With merged /usr a package can have the file as /lib64/… and as /usr/lib64/…, and dpkg takes
  // them for two. The first one is the one in the installed package.
  const std::vector<Alias>& aliases() const { return aliases_; }

  // The names of what is kept, in the order of the aliases.
  std::vector<std::string> kept() const;

  // Keeps what the name leads to, under the first name and replacing what that was. Throws Refused.
  void keep() const;

  // Makes the name lead to ld-seal, at once. Throws Refused.
  void lead_to_seal() const;

  // Gives the name back to what is kept, or makes a link to libc's rtld where nothing is. Throws
  // Refused.
  void give_back() const;

  // Removes what is still kept. Throws Refused.
  void remove_kept() const;

 private:
  int folder() const { return place_.folder.get(); }
  std::string link_text() const { return base_name(machine_.seal_name); }
  // ldconfig(8) makes the name a link to what is kept, where that is in a folder it looks through,
  // because DT_SONAME of it is the name. (Debian's spares the loader's name.)
  bool leads_to_kept() const;

  void replace_by(const std::string& temporary, const std::string& name) const;

  const Root& root_;
  const Machine& machine_;
  Place place_;
  std::string name_;
  std::vector<Alias> aliases_;
};

}  // namespace sealctl
