// RELRO (PT_GNU_RELRO): the part of an object that relocation writes and nothing afterwards, as its GOT,
// its vtables and its dynamic section. This file alone knows which pages these are, how they come to be
// memory without a file, and when they become read-only. seal/ seals them then.
//
// Why RELRO is anonymous. mseal(2) forbids to unmap, move or reprotect a range. It does not forbid what
// madvise(2) does to a private mapping of a file, even a sealed and read-only one: MADV_DONTNEED,
// MADV_DONTNEED_LOCKED, and MADV_GUARD_INSTALL with MADV_GUARD_REMOVE throw the relocated pages away,
// and the file's bytes come back. Every GOT slot and every vtable would then hold an address that was
// never relocated, and an attacker with system calls would have chosen when. On sealed read-only memory
// without a file the same calls fail with EPERM. So RELRO must have no file behind it when it is sealed:
//
// - Objects that ld-seal maps (libraries, opened objects, libc's rtld, a program given as a command)
//   have it from the start: map_file.cc reads the file's bytes into anonymous memory up to
//   end_of_anonymous_part(). That costs fewer page faults than copy-on-write, too.
// - What somebody else has mapped (the program, by the kernel; glibc's libc, by its own rtld; a static
//   program that seals itself, by the kernel) gets copies of its pages in their own place, by
//   make_relro_anonymous(), while the process has one thread.
//
// Zeroes of RELRO are written once when they are mapped: a page that nobody has touched could be filled
// through userfaultfd(2) after it is sealed (mem/mapping.h, prefault_zeroes).
//
// Then relocations are applied, and protect_relro() makes the pages read-only: at start for all objects
// together, directly before the plan of sealing; for opened objects before their constructors run.
#pragma once

#include <span>

#include "ldso/base/result.h"
#include "ldso/elf/segments.h"

namespace ldseal {

// The whole pages of PT_GNU_RELRO, rounded as glibc rounds them: what shares its last page with other
// data stays writable. Empty where there are none.
AddressRange relro_pages(const Segments& segments, LoadBias bias, PageSize page);

// Is nothing of this PT_LOAD written once the object is relocated: not writable, or all of it RELRO?
// Then its mapping may reach over the hole behind it, which guards make inaccessible.
bool stays_constant(const Segments& segments, const Phdr& load, PageSize page);

// Where the anonymous part of a writable segment ends, which begins at the start of `pages`, the
// segment's pages that have bytes of the file: behind RELRO, if any of it is there, or behind all of a
// small segment, because copying a few pages costs less than another mapping.
Address end_of_anonymous_part(AddressRange pages, AddressRange relro, PageSize page);

// Exchanges the RELRO of an object that somebody else has mapped for memory without a file, with the
// same contents; it can be written then. `name` is the object in errors. Small RELRO goes through
// `buffer`. No other thread may run. Error: kCannotMap, after which the pages may be lost.
Status make_relro_anonymous(const Segments& segments, LoadBias bias, const char* name,
                            PageSize page, std::span<unsigned char> buffer);

// Makes RELRO read-only (mprotect(2)), with the hole behind it if its mapping reaches so far.
// `holes_are_guarded` as in image/segment_extent.h. Error: kCannotProtect.
Status protect_relro(const Segments& segments, LoadBias bias, bool holes_are_guarded,
                     const char* name, PageSize page);

}  // namespace ldseal
