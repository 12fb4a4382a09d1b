// Objects as the loader would map them, to be read and not to be run: every segment is a read-only
// copy of the file's bytes, and nothing is relocated. This takes the place of the loader's image/map_file.h, so that the rest
// of image/ builds the same graph of objects here.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include "ldso/image/elf_file.h"
#include "ldso/image/module.h"
#include "tools/sealctl/check/heap_arena.h"

namespace sealctl::check {

// The views of one command. A library that many programs need is read once.
class ObjectViews {
 public:
  // The only one; it is in use from its constructor to its destructor.
  ObjectViews();
  ~ObjectViews();
  ObjectViews(const ObjectViews&) = delete;
  ObjectViews& operator=(const ObjectViews&) = delete;
  static ObjectViews* current();

  // Describes `module` by the view of `file`. Errors: kCannotMap, kCannotRead, and those of
  // describe_tables(),
  // whose texts live as long as the views.
  ldseal::Status describe(ldseal::Module& module, const ldseal::ElfFile& file,
                          ldseal::PageSize page);

  // Is this the first address of a view? Then the loader's sources must not unmap it.
  bool has(ldseal::Address start) const { return by_start_.contains(start.value); }

  // Forgets the views if there are many, or large ones. No module that was described may be in use.
  void trim();

 private:
  struct View {
    ldseal::Module module;
    ldseal::Error error;
  };
  using Key = std::pair<uint64_t, uint64_t>;  // device and inode

  View read(const ldseal::ElfFile& file, ldseal::PageSize page);
  void forget();

  std::map<Key, View> views_;
  std::map<uint64_t, uint64_t> by_start_;  // address and size of what is mapped
  uint64_t bytes_ = 0;                     // of files, in all views
  std::unique_ptr<HeapArena> arena_;
};

}  // namespace sealctl::check
