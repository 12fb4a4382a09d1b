// RELRO (PT_GNU_RELRO) is the part of an object that only relocation writes: its GOT, its vtables,
// its dynamic section. Only this file decides which pages these are, how they become anonymous
// memory, and when they become read-only. seal/ seals them afterwards.
//
// Why RELRO is anonymous. mseal(2) forbids to unmap, move or reprotect a range. It does not forbid
// what madvise(2) does to a private mapping of a file, even a sealed and read-only one:
// MADV_DONTNEED, MADV_DONTNEED_LOCKED, and MADV_GUARD_INSTALL with MADV_GUARD_REMOVE throw the
// relocated pages away, and the file's bytes come back. Every GOT slot and every vtable would then
// hold an address that was never relocated, at a moment that an attacker with system calls chooses.
// On sealed read-only memory without a file the same calls fail with EPERM. So RELRO must have no
// file behind it when it is sealed:
//
// - For objects that ld-seal maps (libraries, dlopened objects, libc's rtld, a program given as a
// command) it is anonymous from the start: map_file.cc reads the file's bytes into anonymous memory
// up to end_of_anonymous_part(). This also costs fewer page faults than copy-on-write.
// - For objects that are already mapped (the program, by the kernel; glibc's libc, by its own rtld;
// a static program that seals itself, by the kernel) make_relro_anonymous() replaces the pages with
// copies in the same place, while the process has one thread.
//
// Zeroes of RELRO are written once when they are mapped: userfaultfd(2) could fill a page that is
// not present, even after it is sealed (mem/mapping.h, prefault_zeroes).
//
// After relocation protect_relro() makes the pages read-only: at start-up for all objects together,
// directly before sealing is planned; for dlopened objects before their constructors run.
#pragma once

#include <span>

#include "ldso/base/result.h"
#include "ldso/elf/segments.h"

namespace ldseal {

// Returns the whole pages of PT_GNU_RELRO, rounded as glibc rounds them: a last page that holds
// other data too stays writable. Empty if there are none.
AddressRange relro_pages(const Segments& segments, LoadBias bias, PageSize page);

// Is nothing in this PT_LOAD written after relocation? True if it is not writable, or is all RELRO.
// Its mapping may then reach over the hole behind it; guards make the hole inaccessible.
bool stays_constant(const Segments& segments, const Phdr& load, PageSize page);

// Returns the end of the anonymous part of a writable segment. `pages` are the segment's pages with
// bytes of the file; the part begins at their start. It ends behind RELRO if the segment has any.
// It covers all of a small segment, because copying a few pages costs less than another mapping.
Address end_of_anonymous_part(AddressRange pages, AddressRange relro, PageSize page);

// Replaces the RELRO of an object that is already mapped with writable anonymous memory that has
// the same contents. `name` is the object in errors. Small RELRO is copied through `buffer`. No
// other thread may run. Error: kCannotMap, after which the pages may be lost.
Status make_relro_anonymous(const Segments& segments, LoadBias bias, const char* name,
                            PageSize page, std::span<unsigned char> buffer);

// The same pages and, if the mapping of the segment in which RELRO ends reaches over the hole
// behind it, that hole. `holes_are_guarded` as in image/segment_extent.h.
AddressRange relro_and_hole(const Segments& segments, LoadBias bias, bool holes_are_guarded,
                            PageSize page);

// Makes RELRO read-only (mprotect(2)). `name` is the object in the error, which is kCannotProtect.
Status protect_relro(AddressRange pages, const char* name);

}  // namespace ldseal
