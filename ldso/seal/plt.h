// Takes the writable slots out of calls between objects, while the process has one thread and
// before anything is sealed (class `plt`). Every function is bound at start, so no slot has to be
// written afterwards:
//
// - Pages in which there is nothing but slots become read-only and have no file behind them, as
// RELRO.
// - For the other slots the PLT's stubs are changed, in a copy of their pages, so that they read no
// slot (link/plt.h). The copy becomes executable and is moved over the original. It has no file
// behind it: of a private page of a file, madvise(2) can bring the file's bytes back.
//
// The copy must become executable by mprotect(2), which W^X enforcers (PR_SET_MDWE, systemd's
// filter, SELinux's execmem) refuse. Then nothing has been moved, and the stubs stay as they are.
#pragma once

#include "ldso/base/result.h"
#include "ldso/link/plt.h"

namespace ldseal {

// Why slots stay writable. words/seal_text.cc has a text for each.
enum class SlotsLeft : uint8_t {
  kNoStub,   // no stub of a known shape is found
  kNoRoom,   // a stub has no room for an address that is farther away than a jump reaches
  kRefused,  // executable memory is refused
  kCount
};

// What is changed in one object.
struct PltChange {
  Module* module;
  CallSlots slots;
  PltStubs stubs;
  AddressRange pages;  // that hold the stubs
};

// Computes the changes, one for each object that has slots outside of RELRO.
void plan_plt(List<PltChange>& changes, std::span<Module* const> modules, PageSize page,
              Arena& scratch);

// Executes them, and notes in each module what is final. `unused` is anonymous memory that nothing
// uses: copies are made there if they fit, because its pages exist. It is zeroed afterwards. Traces
// slots that stay writable. Errors: kCannotMap, kCannotProtect.
Status execute_plt(std::span<const PltChange> changes, AddressRange unused, PageSize page);

}  // namespace ldseal
