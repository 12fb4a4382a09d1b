// Writes another loader's name into one program: in place where that is safe, else by a copy that
// takes the program's name. Every step can be repeated, so another rewrite completes a killed one.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "tools/sealctl/adopt/elf_program.h"
#include "tools/sealctl/adopt/record.h"
#include "tools/sealctl/adopt/root.h"

namespace sealctl {

// A program that is open for reading, and what was read of it.
struct OpenProgram {
  Place place;
  Fd file;
  struct stat status {};
};

// Opens the regular file at this place. Throws Refused.
OpenProgram open_program(Place place);

enum class Found : uint8_t { kLibc, kSeal, kTorn, kOther };

// Which name stands where the entry has PT_INTERP. kTorn: partly the one, partly the other.
Found found_at(int file, const Entry& entry);

// The entry of a program whose PT_INTERP is to change: what its file is now.
Entry entry_for(const OpenProgram& program, const ElfProgram& elf, Step step);

class Rewriter {
 public:
  // `save` records all entries; called when an entry has changed, before its file does.
  Rewriter(const Root& root, std::function<void()> save) : root_(root), save_(std::move(save)) {}

  // Writes ld-seal's name if the entry's step is kAdopting, libc's if it is kReleasing, and gives
  // the file what the write took from it. Throws Refused.
  void rewrite(Entry& entry);

  // True if a rewrite that was refused has changed nothing.
  bool is_untouched(const Entry& entry) const;

  // Makes durable what was written in the file systems of all files so far. Throws a Failure.
  void sync();

 private:
  void record_again(const OpenProgram& program, Entry& entry);
  void write(const OpenProgram& program, Entry& entry, const std::string& bytes);

  const Root& root_;
  std::function<void()> save_;
  std::vector<std::pair<dev_t, Fd>> file_systems_;
};

}  // namespace sealctl
