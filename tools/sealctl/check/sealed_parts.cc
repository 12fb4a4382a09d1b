// See sealed_parts.h.
#include "tools/sealctl/check/sealed_parts.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include "ldso/image/relro.h"
#include "ldso/link/plt.h"
#include "ldso/seal/planned_module.h"

namespace sealctl::check {
namespace {

using namespace ldseal;

std::string permissions_of(const Phdr& load) {
  return fmt::format("{}{}{}", (load.p_flags & PF_R) != 0 ? 'r' : '-',
                     (load.p_flags & PF_W) != 0 ? 'w' : '-',
                     (load.p_flags & PF_X) != 0 ? 'x' : '-');
}

class Parts {
 public:
  Parts(const Module& object, const Policy& policy, PageSize page, Arena& scratch,
        std::vector<Reason>& reasons)
      : object_(object), policy_(policy), page_(page), scratch_(scratch), reasons_(reasons) {}

  void look_at_segments();
  void look_at_plan();
  void look_at_relro();
  void look_at_calls();

 private:
  void add(Rule rule, std::string segment, std::string text) {
    reasons_.push_back({rule, object_.display_name(), std::move(segment), std::move(text)});
  }
  std::string segment_at(Address address) const;

  const Module& object_;
  const Policy& policy_;
  PageSize page_;
  Arena& scratch_;
  std::vector<Reason>& reasons_;
};

std::string Parts::segment_at(Address address) const {
  const Vaddr at = address - object_.bias;
  size_t number = 0;
  const Phdr* load = nullptr;
  while ((load = next_load(object_.segments.headers, load)) != nullptr) {
    const bool holds =
        page_.down(load->p_vaddr) <= at.value && at.value < page_.up(load->p_vaddr + load->p_memsz);
    if (holds) return fmt::format("PT_LOAD {} ({})", number, permissions_of(*load));
    ++number;
  }
  return {};
}

void Parts::look_at_segments() {
  size_t number = 0;
  const Phdr* load = nullptr;
  while ((load = next_load(object_.segments.headers, load)) != nullptr) {
    if ((load->p_flags & (PF_W | PF_X)) == (PF_W | PF_X))
      add(Rule::kWritableCode, fmt::format("PT_LOAD {} ({})", number, permissions_of(*load)),
          fmt::format("{} bytes at {:#x} are writable and executable", load->p_memsz,
                      load->p_vaddr));
    ++number;
  }
}

// The ranges that the loader leaves although their class is wanted. Classes that the policy does
// not want are the policy's, not the object's.
void Parts::look_at_plan() {
  Plan plan(policy_, page_, scratch_);
  plan.add_object(planned(object_));
  for (const PlannedRange& range : plan.ranges()) {
    const bool counts =
        range.seal_class == SealClass::kText || range.seal_class == SealClass::kRelro;
    if (!counts || (range.verdict != Verdict::kMutable && range.verdict != Verdict::kUnreadable))
      continue;
    const Rule rule = range.verdict == Verdict::kMutable ? Rule::kMutable : Rule::kUnreadable;
    add(rule, segment_at(range.range.start),
        fmt::format("{} bytes of {} are left", range.range.length().value,
                    name_of(range.seal_class)));
  }
}

// Without RELRO what relocation has written stays writable. An object without relocations has
// nothing to protect.
void Parts::look_at_relro() {
  const bool has_relocations =
      !object_.tables.rela.empty() || !object_.tables.relr.empty() || !object_.tables.plt.empty();
  const bool is_dynamic = object_.segments.dynamic != nullptr;
  const bool is_wanted = policy_.seals(SealClass::kRelro) && is_dynamic && has_relocations;
  if (!is_wanted || !relro_pages(object_.segments, object_.bias, page_).empty()) return;
  const bool has_segment = object_.segments.relro != nullptr;
  add(Rule::kNoRelro, has_segment ? "PT_GNU_RELRO" : "",
      has_segment ? "PT_GNU_RELRO covers no whole page: what relocation writes stays writable"
                  : "it has no PT_GNU_RELRO: what relocation writes stays writable");
}

// The slots of calls outside RELRO. The loader takes the stubs that it knows away from them.
void Parts::look_at_calls() {
  if (!policy_.seals(SealClass::kPlt)) return;
  const CallSlots slots = find_call_slots(object_, page_);
  const size_t wanted = slots.count - slots.count_in_whole_pages;
  if (wanted == 0) return;
  const size_t found = find_plt_stubs(object_, slots, scratch_).found;
  if (found == wanted) return;
  add(Rule::kCallSlots, "",
      fmt::format("{} of {} call slots stay writable: no PLT stub of a known shape", wanted - found,
                  slots.count));
}

}  // namespace

void add_unsealed_parts(const Module& object, const Policy& policy, PageSize page, Arena& scratch,
                        std::vector<Reason>& reasons) {
  Parts parts(object, policy, page, scratch, reasons);
  parts.look_at_segments();
  parts.look_at_plan();
  parts.look_at_relro();
  parts.look_at_calls();
}

}  // namespace sealctl::check
