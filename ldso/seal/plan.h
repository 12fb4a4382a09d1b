// The plan of sealing: one entry for each range of memory with its class, its protection and its
// verdict. It is computed from data alone; execute.h executes it.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/elf/segments.h"
#include "ldso/seal/policy.h"
#include "ldso/seal/system_mappings.h"

namespace ldseal {

// The verdict about a range. words/seal_text.cc has a text for each.
enum class Verdict : uint8_t {
  kSealed,      // it is to be sealed
  kClassOff,    // left: the policy does not include it
  kExempt,      // left: a supervisor exempts it (<ldseal/exempt.h>)
  kFilter,      // left: a seccomp filter kills for mseal, or may kill (filter.h)
  kMutable,     // left: the object asks for it: PT_GNU_MUTABLE, PT_OPENBSD_MUTABLE
  kUnreadable,  // left: a checkpointer must make every mapping readable, which a seal would forbid
  kChanging,    // left: ld-seal writes to it as long as the process runs
  kElsewhere,   // left: libc's own loader has the object in another namespace (dlmopen(3))
  kUnknown,     // left: it is not known where it ends
  kNotHeld,     // mseal succeeded, and nothing is sealed
  kRefused,     // mseal failed
  kCount
};

struct PlannedRange {
  AddressRange range;  // whole pages
  int protection = 0;  // PROT_…
  SealClass seal_class = SealClass::kText;
  Verdict verdict = Verdict::kSealed;
  const char* object = "";
};

// The data about an object that the plan uses.
struct PlannedModule {
  const Segments& segments;
  LoadBias bias;
  const char* name;
  bool holes_are_guarded;  // image/module.h
  AddressRange final_stubs = {};
  AddressRange final_slots = {};
};

class Plan {
 public:
  // Reserves room for `expected` ranges; grows in the arena if there are more.
  Plan(const Policy& policy, PageSize page, Arena& arena, size_t expected = 8)
      : policy_(policy), page_(page), arena_(arena) {
    ranges_.reserve(arena, expected);
  }

  // Adds every segment of an object: text, RELRO, and the remaining data.
  void add_object(const PlannedModule& object);
  // Adds an object that dlclose may unmap: none of it is sealed.
  void add_closable(const PlannedModule& object);
  // Adds an object that libc's own loader has, and may unmap.
  void add_elsewhere(const PlannedModule& object);
  // Adds an object of which only the code is final: it relocates itself later.
  void add_text(const PlannedModule& object);
  // Adds ld-seal itself: its text, its variables, and the pages of its memory that do not change
  // any more. `final_pages` inside its segments must come first, in ascending order. `records`, in
  // front of them, are read-only between changes (mem/records.h); the range may be empty.
  void add_loader(const PlannedModule& loader, AddressRange records,
                  std::span<const AddressRange> final_pages);
  // Adds memory of ld-seal, outside its image, that changes as long as the process runs.
  void add_changing(AddressRange range, int protection, const char* loader);
  // Adds pages of ld-seal, outside its image, that are read-only and final.
  void add_description(AddressRange range, const char* loader);
  void add_system(const SystemMappings& mappings);
  // Adds the first thread's stack. An empty range: its extents are not known.
  void add_stack(AddressRange stack);

  // Sorts the ranges by address. Call once all are added.
  void sort();
  std::span<PlannedRange> ranges() { return {ranges_.begin(), ranges_.size()}; }
  const Policy& policy() const { return policy_; }

 private:
  void add(PlannedRange range);
  void add_left(const PlannedModule& object, Verdict why);
  void add_around_mutable(const PlannedModule& object, PlannedRange range);
  void add_around_plt(const PlannedModule& object, PlannedRange range, AddressRange plt);
  void add_segment(const PlannedModule& object, const Phdr& load);
  void add_variables(const PlannedModule& loader, const Phdr& load, AddressRange records,
                     std::span<const AddressRange> final_pages);
  AddressRange pages_of(const PlannedModule& object, const Phdr& load) const;
  PlannedRange range_of(const PlannedModule& object, const Phdr& load) const;

  const Policy& policy_;
  PageSize page_;
  Arena& arena_;
  List<PlannedRange> ranges_;
};

}  // namespace ldseal
