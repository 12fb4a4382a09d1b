// See calls.h. The slots are those of DT_JMPREL. Their stubs are found by the sources with which
// ld-seal finds them, in the file; what runs is what the process has in their place.
#include "tools/sealctl/prove/calls.h"

#include <algorithm>
#include <map>

#include "arch/native.h"
#include "ldso/link/plt.h"
#include "tools/sealctl/prove/execution.h"
#include "tools/sealctl/prove/main_stop.h"

namespace sealctl::prove {
namespace {

using namespace ldseal;

struct Stub {
  Address start;  // in the view
  uint32_t length;
};

// The addresses of slots in the view.
std::vector<Address> find_slots(const Module& module) {
  std::vector<Address> slots;
  for (const Rela& r : module.tables.plt) {
    const RelocationKind kind = Native::kind(relocation_type(r));
    if (kind != RelocationKind::kCallSlot && kind != RelocationKind::kIndirect) continue;
    slots.push_back(Vaddr(r.r_offset) + module.bias);
  }
  std::ranges::sort(slots);
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

// Of all slots, RELRO or not: the process, and not the file, says which can be written.
std::map<Address, Stub> find_stubs(const Module& module, const std::vector<Address>& slots) {
  CallSlots wanted;
  wanted.count = slots.size();
  wanted.words = {slots.front(), slots.back() + ByteCount(kWord)};
  check::HeapArena scratch;
  const PltStubs found = find_plt_stubs(module, wanted, scratch);
  std::map<Address, Stub> stubs;
  for (Address at = found.code.start; at < found.code.end;) {
    const size_t left = (found.code.end - at).value;
    PltEntry entry = Native::Plt::read({at.as<const unsigned char>(), left}, at.value);
    if (entry.kind == PltEntryKind::kNone) entry.length = Native::Plt::kStep;
    if (entry.kind == PltEntryKind::kStub) stubs[Address(entry.slot)] = {at, entry.length};
    at = at + ByteCount(entry.length);
  }
  return stubs;
}

}  // namespace

CallsProved attack_calls(Tracee& process, const LoadedObject& object) {
  CallsProved proved{.object = object.name, .why_not = object.file.why_not};
  if (proved.why_not.empty() && object.file.module.segments.dynamic == nullptr)
    proved.why_not = "it has no dynamic section, which names its slots";
  if (!proved.why_not.empty()) return proved;
  const std::vector<Address> slots = find_slots(object.file.module);
  proved.slots = slots.size();
  if (slots.empty()) return proved;
  Tracee copy = process.fork();
  std::vector<Address> written;
  for (const Address slot : slots) {
    if (copy.write_word(object.in_process(slot), kTrap)) written.push_back(slot);
  }
  proved.writable = written.size();
  if (written.empty()) return proved;
  const std::map<Address, Stub> stubs = find_stubs(object.file.module, slots);
  for (const Address slot : written) {
    const auto stub = stubs.find(slot);
    const std::optional<uint64_t> target =
        stub == stubs.end()
            ? std::nullopt
            : run_out_of(copy, object.in_process(stub->second.start), stub->second.length);
    if (!target) ++proved.not_made;
    if (target == kTrap) ++proved.open;
  }
  return proved;
}

}  // namespace sealctl::prove
