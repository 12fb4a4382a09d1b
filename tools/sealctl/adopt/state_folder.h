// /var/lib/ldseal of a root: what sealctl records there, and its lock.
#pragma once

#include <optional>
#include <string>

#include "tools/sealctl/adopt/root.h"

namespace sealctl {

class StateFolder {
 public:
  // The folder, or nothing if there is none. Throws a Failure if another user may write to it.
  static std::optional<StateFolder> find(const Root& root);

  // The folder, made if it is missing, and locked until the object goes. Waits a while for another
  // sealctl and throws a Failure if that does not end.
  static StateFolder lock(const Root& root);

  // True while a sealctl that changes something holds the lock.
  bool is_locked() const;

  // A file's contents, or nothing if there is none. Throws a Failure.
  std::optional<std::string> read(const std::string& name) const;

  // Replaces a file as a whole and makes it durable. Throws a Failure.
  void write(const std::string& name, const std::string& text) const;

  void remove(const std::string& name) const;

  std::string shown(const std::string& name) const { return shown_ + "/" + name; }

 private:
  StateFolder(Fd folder, std::string shown)
      : folder_(std::move(folder)), shown_(std::move(shown)) {}

  Fd folder_;
  Fd lock_;
  std::string shown_;
};

// Replaces `name` in `folder` by a new file with these bytes, durably; `shown` names it in errors.
// An existing file's owner and mode are kept. Throws a Failure.
void replace_file(int folder, const std::string& name, const std::string& text,
                  const std::string& shown);

// Removes the new file that a replace_file was writing when it was killed.
void remove_remains_of(int folder, const std::string& name);

// The whole contents of an open file. Throws a Failure.
std::string read_file(int file, const std::string& shown);

}  // namespace sealctl
