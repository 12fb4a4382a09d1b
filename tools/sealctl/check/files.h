// The files that the arguments of `check` mean: a file, those below a folder, those of a package.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tools/sealctl/doctor/root.h"

namespace sealctl::check {

struct Subject {
  std::string path;       // in the root, without symbolic links
  bool is_named = false;  // by an argument, and not only found
};

class Files {
 public:
  explicit Files(const doctor::Root& root) : root_(root) {}

  // Adds what one argument means. Of folders and packages only ELF programs and libraries are
  // taken. Throws a Failure if it is neither a file nor a folder nor the name of an installed
  // package, or if it may not be read.
  void add(const std::string& argument);

  // Every file once, in the order of the arguments.
  const std::vector<Subject>& all() const { return subjects_; }

 private:
  void add_subject(const std::string& path, bool is_named);
  bool add_package(const std::string& name);
  void add_file_of_package(const std::string& path);
  void walk(Descriptor folder, const std::string& path);
  void look_at_entry(const Descriptor& folder, const std::string& name, unsigned char type,
                     const std::string& path);

  const doctor::Root& root_;
  std::set<std::string> known_;
  std::vector<Subject> subjects_;
};

}  // namespace sealctl::check
