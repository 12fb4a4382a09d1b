// See candidates.h.
#include "tools/sealctl/adopt/candidates.h"

#include <algorithm>
#include <array>
#include <climits>
#include <dirent.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <memory>

#include "tools/sealctl/adopt/machines.h"
#include "tools/sealctl/adopt/refused.h"

namespace sealctl {
namespace {

using Refuse = std::function<void(const std::string& path, const std::string& reason)>;

constexpr int kDeepest = 64;  // folders below each other

class Search {
 public:
  Search(const std::vector<std::string>& excluded, const Refuse& refuse,
         std::vector<Candidate>& found)
      : excluded_(excluded), refuse_(refuse), found_(found) {}

  // Adds the programs below this open folder; takes the descriptor.
  void folder(int fd, const std::string& path, int depth) {
    const std::unique_ptr<DIR, decltype(&closedir)> folder(fd < 0 ? nullptr : fdopendir(fd),
                                                           &closedir);
    if (!folder) return refuse_(path, refused_by_kernel("cannot open").what());
    while (const dirent* entry = readdir(folder.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") file(fd, name, fmt::format("{}/{}", path, name), depth);
    }
  }

 private:
  void file(int folder_fd, const std::string& name, const std::string& path, int depth) {
    const auto there = status_at(folder_fd, name);
    if (!there || is_excluded(path, excluded_)) return;
    if (S_ISREG(there->st_mode) && (there->st_mode & 0111) != 0) found_.push_back({.path = path});
    if (!S_ISDIR(there->st_mode)) return;
    if (depth == kDeepest) return refuse_(path, fmt::format("is deeper than {} folders", kDeepest));
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    folder(openat(folder_fd, name.c_str(), flags), path, depth + 1);
  }

  const std::vector<std::string>& excluded_;
  const Refuse& refuse_;
  std::vector<Candidate>& found_;
};

}  // namespace

bool is_excluded(const std::string& path, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    const bool has_slash = pattern.find('/') != pattern.npos;
    const std::string subject = has_slash ? path : base_name(path);
    return fnmatch(pattern.c_str(), subject.c_str(), 0) == 0;
  });
}

std::string path_in_root(const Root& root, const std::string& path) {
  if (path.starts_with('/')) return path;
  if (!root.is_system()) return "/" + path;
  std::array<char, PATH_MAX> folder;
  if (getcwd(folder.data(), folder.size()) == nullptr)
    throw failed_by_kernel(path, "the current folder is not known");
  return std::string(folder.data()) + "/" + path;
}

std::vector<Candidate> candidates(const Root& root, const std::vector<std::string>& paths,
                                  const std::vector<std::string>& excluded, const Refuse& refuse) {
  std::vector<Candidate> found;
  Search search(excluded, refuse, found);
  for (const std::string& given : paths) {
    const std::string path = path_in_root(root, given);
    if (is_excluded(path, excluded)) continue;
    const auto there = root.status(path);
    if (!there || !S_ISDIR(there->st_mode)) {
      found.push_back({.path = path, .is_named = true});
      continue;
    }
    // Below /usr/bin, not below /bin: each file once, by its real path.
    const Fd folder = root.try_open(path, O_RDONLY | O_DIRECTORY);
    std::string real = path;
    while (real.ends_with('/')) real.pop_back();
    search.folder(dup(folder.get()), real, 0);
  }
  return found;
}

}  // namespace sealctl
