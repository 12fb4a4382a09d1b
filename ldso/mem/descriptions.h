// Memory for the descriptions of dlopened objects (image/module.h), which say where an object's
// code, tables and destructors are. Each dlopen has separate pages for them. It writes them before
// anything of its objects runs. Then they are read-only until they are unmapped, and where an
// object stays for ever they are sealed. What changes about a dlopened object is a record
// (records.h).
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"

namespace ldseal {

// If there is no memory the process ends, as with any Arena.
class DescriptionArena : public Arena {
 public:
  explicit DescriptionArena(PageSize page) : Arena(more_pages), page_(page) {}
  ~DescriptionArena();  // unmaps everything: nothing of it may be sealed

  // Forbids further allocation, and makes everything read-only if records are. Error:
  // kCannotProtect.
  Status make_read_only();

  // Calls `visit(AddressRange)` for each run of pages.
  template <class Visit>
  void for_each_run(Visit visit) const {
    for (const Run* run = runs_; run != nullptr; run = run->next) visit(run->pages());
  }

 private:
  // At the start of each.
  struct alignas(16) Run {
    Run* next;
    ByteCount length;
    AddressRange pages() const { return {Address(this), Address(this) + length}; }
  };
  static void* more_pages(Arena& arena, size_t least, size_t& given);

  PageSize page_;
  Run* runs_ = nullptr;
};

}  // namespace ldseal
