// See unit_files.h.
#include "tools/sealctl/doctor/unit_files.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

#include "tools/sealctl/text.h"

namespace sealctl::doctor {
namespace {

using Folders = std::vector<std::string>;

// The first folder that has a file of a name has the file that counts.
const std::array<Folders, 2> kManagers = {
    Folders{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
            "/usr/lib/systemd/system", "/lib/systemd/system"},
    Folders{"/etc/systemd/user", "/run/systemd/user", "/usr/local/lib/systemd/user",
            "/usr/lib/systemd/user", "/lib/systemd/user"},
};
constexpr std::array<std::string_view, 4> kTypes = {".service", ".socket", ".mount", ".swap"};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t start = text.find_first_not_of(kBlanks);
  if (start == text.npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) + 1 - start);
}

std::string_view type_of(std::string_view name) {
  for (const std::string_view type : kTypes) {
    if (name.size() > type.size() && name.ends_with(type)) return type;
  }
  return {};
}

// The lines of a file, where those that end in a backslash are joined with the next one.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  bool continues = false;
  while (!text.empty()) {
    std::string_view line = trimmed(take(text, '\n'));
    if (line.starts_with('#') || line.starts_with(';')) continue;
    const bool goes_on = line.ends_with('\\');
    if (goes_on) line.remove_suffix(1);
    if (continues) {
      lines.back() += ' ';
      lines.back() += line;
    } else {
      lines.emplace_back(line);
    }
    continues = goes_on;
  }
  return lines;
}

// The folders of drop-ins of a unit: its own first, then those of its template, of what its name
// begins with up to a dash, and of its type.
Folders drop_in_names(std::string_view name) {
  const std::string_view type = type_of(name);
  std::string_view stem = name.substr(0, name.size() - type.size());
  Folders names = {std::string(name)};
  const size_t at = stem.find('@');
  if (at != stem.npos && at + 1 != stem.size())
    names.push_back(std::string(stem.substr(0, at + 1)) + std::string(type));
  for (size_t dash; (dash = stem.rfind('-')) != stem.npos; stem = stem.substr(0, dash))
    names.push_back(std::string(stem.substr(0, dash + 1)) + std::string(type));
  names.emplace_back(type.substr(1));
  return names;
}

class Manager {
 public:
  Manager(const Root& root, const Folders& folders) : root_(root) {
    for (const std::string& folder : folders) {
      for (std::string& name : root.list(folder)) add(folder, std::move(name));
    }
  }

  void read(std::vector<Unit>& units) const {
    for (const auto& [name, path] : paths_) {
      const std::optional<std::string> text = root_.read(path);
      if (!text || text->empty()) continue;  // masked
      Unit unit{name, parse_unit(*text)};
      for (const std::string& drop_in : drop_ins_of(name)) {
        const std::vector<Assignment> more = parse_unit(root_.read(drop_in).value_or(""));
        unit.assignments.insert(unit.assignments.end(), more.begin(), more.end());
      }
      units.push_back(std::move(unit));
    }
  }

 private:
  void add(const std::string& folder, std::string name) {
    constexpr std::string_view kDropIns = ".d";
    if (name.ends_with(kDropIns)) drop_in_folders_[name].push_back(folder + "/" + name);
    if (type_of(name).empty()) return;
    std::string path = folder + "/" + name;
    const std::string target = root_.link(path).value_or(path);
    const bool is_alias = file_name(target) != name && target != "/dev/null";
    if (!is_alias) paths_.try_emplace(std::move(name), std::move(path));
  }

  // Files of the same name hide each other; the others are read in the order of their names.
  std::vector<std::string> drop_ins_of(const std::string& unit) const {
    std::map<std::string, std::string> files;
    for (const std::string& name : drop_in_names(unit)) {
      const auto folders = drop_in_folders_.find(name + ".d");
      if (folders == drop_in_folders_.end()) continue;
      for (const std::string& folder : folders->second) {
        for (const std::string& file : root_.list(folder)) {
          if (file.ends_with(".conf")) files.try_emplace(file, fmt::format("{}/{}", folder, file));
        }
      }
    }
    std::vector<std::string> paths;
    paths.reserve(files.size());
    for (const auto& [name, path] : files) paths.push_back(path);
    return paths;
  }

  const Root& root_;
  std::map<std::string, std::string> paths_;
  std::map<std::string, Folders> drop_in_folders_;
};

}  // namespace

std::vector<std::string> Unit::values(std::string_view setting) const {
  std::vector<std::string> values;
  for (const Assignment& assignment : assignments) {
    if (assignment.name == setting) values.push_back(assignment.value);
  }
  return values;
}

std::string Unit::last(std::string_view setting) const {
  const std::vector<std::string> all = values(setting);
  return all.empty() ? "" : all.back();
}

std::vector<std::string> Unit::words(std::string_view setting) const {
  std::vector<std::string> words;
  for (const std::string& value : values(setting)) {
    if (value.empty()) words.clear();
    for (size_t at = 0; (at = value.find_first_not_of(" \t\"'", at)) != value.npos;) {
      const size_t end = std::min(value.find_first_of(" \t\"'", at), value.size());
      words.push_back(value.substr(at, end - at));
      at = end;
    }
  }
  return words;
}

bool Unit::is_on(std::string_view setting) const {
  constexpr std::array<std::string_view, 6> kYes = {"yes", "true", "on", "1", "y", "t"};
  return std::ranges::find(kYes, last(setting)) != kYes.end();
}

std::vector<Assignment> parse_unit(std::string_view text) {
  std::vector<Assignment> assignments;
  std::string section;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with('[') && line.ends_with(']')) section = line.substr(1, line.size() - 2);
    const size_t equals = line.find('=');
    if (equals == line.npos || line.starts_with('[')) continue;
    assignments.push_back({section, std::string(trimmed(std::string_view(line).substr(0, equals))),
                           std::string(trimmed(std::string_view(line).substr(equals + 1)))});
  }
  return assignments;
}

std::vector<Unit> read_units(const Root& root) {
  std::vector<Unit> units;
  for (const Folders& folders : kManagers) Manager(root, folders).read(units);
  return units;
}

}  // namespace sealctl::doctor
