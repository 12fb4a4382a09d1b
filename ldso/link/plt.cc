// See plt.h.
#include "ldso/link/plt.h"

#include "arch/native.h"
#include "ldso/image/relro.h"
#include "ldso/link/place.h"

namespace ldseal {
namespace {

using Plt = Native::Plt;

constexpr uint64_t kWord = sizeof(uint64_t);

bool is_call_slot(const Rela& r) {
  RelocationKind kind = Native::kind(relocation_type(r));
  return kind == RelocationKind::kCallSlot || kind == RelocationKind::kIndirect;
}

// The words in front of the first slot belong to the linker (psABI: GOT[0] to GOT[2]). Nothing
// writes them once everything is bound.
Address with_reserved_words(const Module& module, Address first_slot) {
  constexpr ByteCount kReserved(3 * kWord);
  for (const Dyn& entry : module.dynamic.entries) {
    if (entry.d_tag != DT_PLTGOT) continue;
    Address table = Vaddr(entry.d_un.d_ptr) + module.bias;
    if (table + kReserved == first_slot) return table;
  }
  return first_slot;
}

void extend(AddressRange& range, AddressRange by) {
  if (range.empty()) range = by;
  if (by.start < range.start) range.start = by.start;
  if (range.end < by.end) range.end = by.end;
}

AddressRange pages_inside(AddressRange range, PageSize page) {
  AddressRange pages{page.up(range.start), page.down(range.end)};
  return pages.empty() ? AddressRange{} : pages;
}

// Walks over the entries of a PLT.
class Search {
 public:
  Search(const Module& module, const CallSlots& slots, Arena& scratch)
      : slots_(slots),
        needed_(slots.count - slots.count_in_whole_pages),
        seen_(scratch.make_zeroed_array<unsigned char>(slots.words.length().value / kWord)),
        module_(module) {}

  PltStubs run() {
    const Phdr* load = nullptr;
    while (!is_complete() && (load = next_load(module_.segments.headers, load)) != nullptr) {
      if ((load->p_flags & (PF_R | PF_W | PF_X)) == (PF_R | PF_X)) look_in(*load);
    }
    trim_spare();
    return stubs_;
  }

 private:
  bool is_complete() const { return stubs_.found == needed_; }

  // Keeps as much as there are words to put there, next to the stubs.
  void trim_spare() {
    ByteCount wanted(stubs_.found * kWord);
    if (wanted < stubs_.spare.length()) stubs_.spare.start = stubs_.spare.end - wanted;
  }

  void look_in(const Phdr& load) {
    constexpr ByteCount kNear(1024);
    Address start = Vaddr(load.p_vaddr) + module_.bias;
    AddressRange segment{start, start + ByteCount(load.p_filesz)};
    std::span<const Rela> relocations = module_.tables.plt;
    walk(load, segment, segment.start, kNear);
    if (is_complete()) return;
    Address behind(relocations.data() + relocations.size());
    if (segment.contains(behind)) walk(load, segment, behind, kNear);
    if (is_complete()) return;
    constexpr uint64_t kLargestEntries = 40;  // a lazy entry and its stub, or one with landing pad
    ByteCount table(relocations.size() * kLargestEntries + kNear.value);
    bool is_short = segment.length() <= table;
    walk(load, segment, is_short ? segment.start : segment.end - table, table);
  }

  // Reads entries from `from` on, until there is none in `gap` bytes.
  void walk(const Phdr& load, AddressRange segment, Address from, ByteCount gap) {
    constexpr ByteCount kGap(64);  // between two sections
    if (stubs_.code.empty()) stubs_.table = stubs_.spare = {};
    Address at(round_up(from.value, Plt::kStep)), last = at;
    while (at < segment.end && at - last <= gap) {
      size_t left = (segment.end - at).value;
      size_t visible = left < kVisible ? left : kVisible;
      PltEntry entry = Plt::read({at.as<const unsigned char>(), visible}, at.value);
      if (entry.kind == PltEntryKind::kNone) {
        at = at + ByteCount(Plt::kStep);
        continue;
      }
      note(load, entry, at);
      last = at = at + ByteCount(entry.length);
      gap = kGap;
    }
  }

  void note(const Phdr& load, const PltEntry& entry, Address at) {
    AddressRange here{at, at + ByteCount(entry.length)};
    extend(stubs_.table, here);
    if (entry.kind == PltEntryKind::kLazy) {
      bool goes_on = stubs_.spare.end == at;
      stubs_.spare = {goes_on ? stubs_.spare.start : at, here.end};
      return;
    }
    Address slot(entry.slot);
    if (!slots_.need_stub(slot) || (slot - slots_.words.start).value % kWord != 0) return;
    unsigned char& seen = seen_[(slot - slots_.words.start).value / kWord];
    if (seen == 0) ++stubs_.found;
    seen = 1;
    stubs_.load = &load;
    extend(stubs_.code, here);
  }

  static constexpr size_t kVisible = Plt::kLength;

  const CallSlots& slots_;
  size_t needed_;
  unsigned char* seen_;
  const Module& module_;
  PltStubs stubs_;
};

// Is this the address of code of lazy binding? Its slot is not bound then. The first entry of the
// PLT, to which slots point on some machines, lies in front of the others.
bool is_lazy(const PltStubs& stubs, Address target) {
  constexpr ByteCount kFirstEntry(32);
  return stubs.table.start - kFirstEntry <= target && target < stubs.table.end;
}

// Gives out words of the spare entries, the last first.
class SpareWords {
 public:
  explicit SpareWords(AddressRange range) : range_(range) {}
  Address next() const { return range_.empty() ? Address() : range_.end - ByteCount(kWord); }
  void take() { range_.end = next(); }

 private:
  AddressRange range_;
};

// Linkers put all slots of an object that is bound at once (-z now) into RELRO. There are many of
// these objects, with long tables, so only their first and last slot are looked at.
bool has_all_in_relro(const Module& module, AddressRange relro) {
  std::span<const Rela> table = module.tables.plt;
  bool binds_now = module.has_flag(DF_BIND_NOW) || (module.dynamic.flags_1 & DF_1_NOW) != 0;
  if (table.empty() || !binds_now) return table.empty();
  return relro.contains(Vaddr(table.front().r_offset) + module.bias) &&
         relro.contains(Vaddr(table.back().r_offset) + module.bias);
}

}  // namespace

CallSlots find_call_slots(const Module& module, PageSize page) {
  CallSlots slots;
  AddressRange relro = relro_pages(module.segments, module.bias, page);
  if (has_all_in_relro(module, relro)) return slots;
  for (const Rela& r : module.tables.plt) {
    Address slot = Vaddr(r.r_offset) + module.bias;
    if (!is_call_slot(r) || relro.contains(slot)) continue;
    if (slots.count == 0 || slot < slots.words.start) slots.words.start = slot;
    if (slots.count == 0 || slots.words.end <= slot) slots.words.end = slot + ByteCount(kWord);
    ++slots.count;
  }
  if (slots.words.length().value != slots.count * kWord) return slots;
  AddressRange pages =
      pages_inside({with_reserved_words(module, slots.words.start), slots.words.end}, page);
  if (pages.empty()) return slots;
  Address first = slots.words.start < pages.start ? pages.start : slots.words.start;
  slots.whole_pages = pages;
  slots.count_in_whole_pages = (pages.end - first).value / kWord;
  return slots;
}

AddressRange PltStubs::memory() const {
  if (code.empty() || spare.empty()) return code;
  return {spare.start < code.start ? spare.start : code.start,
          spare.end < code.end ? code.end : spare.end};
}

PltStubs find_plt_stubs(const Module& module, const CallSlots& slots, Arena& scratch) {
  bool has_others_between = slots.words.length().value != slots.count * kWord;
  if (slots.count == slots.count_in_whole_pages || has_others_between) return {};
  return Search(module, slots, scratch).run();
}

size_t bind_stubs(std::span<unsigned char> copy, Address start, const PltStubs& stubs,
                  const CallSlots& slots) {
  SpareWords words(stubs.spare);
  size_t bound = 0;
  for (Address at = stubs.code.start; at < stubs.code.end;) {
    std::span<unsigned char> code = copy.subspan((at - start).value, (stubs.code.end - at).value);
    PltEntry entry = Plt::read(code, at.value);
    if (entry.kind == PltEntryKind::kNone) entry.length = Plt::kStep;
    bool is_ours = entry.kind == PltEntryKind::kStub && slots.need_stub(Address(entry.slot));
    uint64_t target = is_ours ? load_word(Address(entry.slot)) : 0;
    is_ours = is_ours && !is_lazy(stubs, Address(target));
    if (is_ours && Plt::bind(code, at.value, target)) {
      ++bound;
    } else if (is_ours && words.next() != Address() &&
               Plt::repoint(code, at.value, words.next().value)) {
      __builtin_memcpy(&copy[(words.next() - start).value], &target, sizeof target);
      words.take();
      ++bound;
    }
    at = at + ByteCount(entry.length);
  }
  return bound;
}

}  // namespace ldseal
