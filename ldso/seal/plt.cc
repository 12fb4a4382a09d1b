// See plt.h.
#include "ldso/seal/plt.h"

#include <linux/mman.h>

#include "ldso/base/trace.h"
#include "ldso/image/map_file.h"
#include "ldso/image/segment_extent.h"
#include "ldso/mem/mapping.h"

namespace ldseal {
namespace {

Status in_object(const Status& status, const Module& module) {
  if (status) return {};
  Error e = status.error();
  e.object = module.display_name();
  return e;
}

void trace_left(const PltChange& change, size_t left, SlotsLeft why, int error_number) {
  if (left == 0) return;
  trace::log(Topic::kSeal, {Event::kSlotsLeft,
                            {change.module->display_name()},
                            {left, change.slots.count, static_cast<uint64_t>(why),
                             static_cast<uint64_t>(error_number)}});
}

size_t slots_that_need_stubs(const PltChange& change) {
  return change.slots.count - change.slots.count_in_whole_pages;
}

AddressRange pages_around(AddressRange range, PageSize page) {
  return range.empty() ? AddressRange{} : AddressRange{page.down(range.start), page.up(range.end)};
}

// Copies the stubs' pages to `to` and changes the copy.
void write_copy(const PltChange& change, Address to) {
  size_t length = change.pages.length().value;
  __builtin_memcpy(to.as<void>(), change.pages.start.as<const void>(), length);
  size_t bound =
      bind_stubs({to.as<unsigned char>(), length}, change.pages.start, change.stubs, change.slots);
  trace_left(change, slots_that_need_stubs(change) - change.stubs.found, SlotsLeft::kNoStub, 0);
  trace_left(change, change.stubs.found - bound, SlotsLeft::kNoRoom, 0);
}

// The copies lie one behind the other, in the order of the changes. Neighbours that are to have the
// same protection get it in one call.
Status make_executable(std::span<const PltChange> changes, Address copies) {
  AddressRange run{copies, copies};
  int protection = 0;
  for (const PltChange& change : changes) {
    if (change.pages.empty()) continue;
    int wanted = protection_of(*change.stubs.load) | code_protection(change.module->features);
    if (wanted != protection) {
      if (Status s = change_protection(run, protection); !s) return s;
      run.start = run.end;
      protection = wanted;
    }
    run.end = run.end + change.pages.length();
  }
  return change_protection(run, protection);
}

Status move_into_place(std::span<const PltChange> changes, Address copies) {
  for (const PltChange& change : changes) {
    if (change.pages.empty()) continue;
    AddressRange copy{copies, copies + change.pages.length()};
    Status moved = move_contents(copy, change.pages.start);
    if (!moved) return in_object(moved, *change.module);
    change.module->final_stubs = change.pages;
    copies = copy.end;
  }
  return {};
}

void trace_refused(std::span<const PltChange> changes, const Status& status) {
  for (const PltChange& change : changes) {
    trace_left(change, slots_that_need_stubs(change), SlotsLeft::kRefused,
               status.error().error_number);
  }
}

// The copies are made at `at`. If they may not be executable nothing is changed.
Status change_stubs(std::span<const PltChange> changes, Address at) {
  Address to = at;
  for (const PltChange& change : changes) {
    write_copy(change, to);
    to = to + change.pages.length();
  }
  if (Status s = make_executable(changes, at); !s) return trace_refused(changes, s), Status();
  return move_into_place(changes, at);
}

Status change_stubs_in_unused(std::span<const PltChange> changes, AddressRange unused) {
  if (Status s = change_stubs(changes, unused.start); !s) return s;
  if (change_protection(unused, PROT_READ | PROT_WRITE)) return {};
  Mapping hole = Mapping::owning(unused);
  Status placed = hole.place_zeroes(unused, PROT_READ | PROT_WRITE);
  std::move(hole).keep_forever();
  return placed;
}

Status change_stubs_in_new_memory(std::span<const PltChange> changes, ByteCount length) {
  Result<Mapping> copies = Mapping::separate(length);
  if (!copies) return trace_refused(changes, copies.error()), Status();
  populate_to_fill(copies->range());
  return change_stubs(changes, copies->range().start);
}

// ld-seal has read small data segments of libraries into anonymous memory (image/relro.h).
bool has_no_file(const Module& m, AddressRange pages, PageSize page) {
  const Phdr* load = find_load(m.segments.headers, pages.start - m.bias, pages.length());
  if (!m.is_linked_by_us() || m.is_running_executable || load == nullptr) return false;
  AddressRange of_file{page.down(Vaddr(load->p_vaddr) + m.bias),
                       page.up(Vaddr(load->p_vaddr + load->p_filesz) + m.bias)};
  AddressRange relro = relro_pages(m.segments, m.bias, page);
  return pages.end <= end_of_anonymous_part(of_file, relro, page);
}

// Not a part of its caller, because the buffer would take a new page of the stack there.
[[gnu::noinline]] Status make_anonymous_slots(AddressRange pages) {
  alignas(16) unsigned char buffer[size_t{16} << 10];
  return make_anonymous(pages, buffer);
}

Status make_slots_constant(const PltChange& change, PageSize page) {
  AddressRange pages = change.slots.whole_pages;
  Module& m = *change.module;
  Status anonymous = has_no_file(m, pages, page) ? Status() : make_anonymous_slots(pages);
  if (!anonymous) return in_object(anonymous, m);
  if (Status s = change_protection(pages, PROT_READ); !s) return in_object(s, m);
  m.final_slots = pages;
  return {};
}

}  // namespace

void plan_plt(List<PltChange>& changes, std::span<Module* const> modules, PageSize page,
              Arena& scratch) {
  for (Module* m : modules) {
    PltChange change{m, find_call_slots(*m, page), {}, {}};
    if (change.slots.count == 0) continue;
    change.stubs = find_plt_stubs(*m, change.slots, scratch);
    change.pages = pages_around(change.stubs.memory(), page);
    changes.add(scratch, change);
  }
}

Status execute_plt(std::span<const PltChange> changes, AddressRange unused, PageSize page) {
  ByteCount copies(0);
  for (const PltChange& change : changes) {
    copies = copies + change.pages.length();
    if (change.slots.whole_pages.empty()) continue;
    if (Status s = make_slots_constant(change, page); !s) return s;
  }
  if (copies == ByteCount(0)) return {};
  if (unused.length() < copies) return change_stubs_in_new_memory(changes, copies);
  return change_stubs_in_unused(changes, {unused.end - copies, unused.end});
}

}  // namespace ldseal
