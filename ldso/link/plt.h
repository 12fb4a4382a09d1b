// The slots that calls between objects go through, and the PLT's stubs that read them. Nothing is
// changed here but the copy that bind_stubs() is given; seal/plt.h puts it in place.
//
// Nothing that is loaded says where a PLT is. It is looked for where linkers put it: at the start
// of the executable segment, behind the relocations of the PLT if they are in that segment, or at
// the segment's end. What is found there is believed only if every byte of an entry has a shape
// that the machine's plt.h knows and it reads a slot of this object.
#pragma once

#include <span>

#include "ldso/image/module.h"

namespace ldseal {

// The JUMP_SLOT and IRELATIVE words of an object that are not RELRO.
struct CallSlots {
  size_t count = 0;
  AddressRange words;        // all of them and, if they follow on one another, nothing else
  AddressRange whole_pages;  // the pages in which there is nothing else

  size_t count_in_whole_pages = 0;

  bool need_stub(Address slot) const { return words.contains(slot) && !whole_pages.contains(slot); }
};

CallSlots find_call_slots(const Module& module, PageSize page);

struct PltStubs {
  AddressRange code;           // from the first stub of a slot that needs one to the last
  AddressRange spare;          // entries for lazy binding: memory that is free
  AddressRange table;          // all entries that were read
  const Phdr* load = nullptr;  // the segment in which they are
  size_t found = 0;            // slots that need a stub and have one

  AddressRange memory() const;  // what bind_stubs() writes
};

// `scratch` is for notes.
PltStubs find_plt_stubs(const Module& module, const CallSlots& slots, Arena& scratch);

// Makes the stubs of `slots` go to where the slots point, without reading them. `copy` is a copy of
// the memory that begins at `start` and holds stubs.memory(). Returns how many are changed.
size_t bind_stubs(std::span<unsigned char> copy, Address start, const PltStubs& stubs,
                  const CallSlots& slots);

}  // namespace ldseal
