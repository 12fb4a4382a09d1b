"""What each attack on sealed memory comes to, as data: (attack, kind of area) to the outcomes allowed.

An outcome is the kernel's answer, then what became of the area and of its bytes. More than one where kernels, their
configuration or the neighbours differ. The kinds:

    file          private and read-only, every page still the file's: text
    guarded file  the same, and a hole between two segments is filled with guards: a few outcomes differ (GUARDED_FILE)
    anonymous     read-only, no file behind it: RELRO, the loader's own records
    special       vdso, vvar, vvar_vclock
    writable      sealed and left writable, no file behind it: the class `data`
    writable file the same with a file behind it
    changed file  private pages of a file that were written to: RELRO as other loaders leave it. We seal none
"""

KINDS = ("file", "anonymous", "special", "writable", "writable file", "changed file")

REFUSED = {"EPERM same"}
HARMLESS = {"ok same"}
INVALID = {"EINVAL same"}
NO_ACCESS = {"EACCES same"}
HIDDEN = {"ok unreadable"}  # a guard in the way: denial of service
LOST = {"ok changed"}
PERHAPS_LOST = LOST | HARMLESS  # lost, if it was anything else than zeroes
GONE_IN_FORK = {"ok unmapped in a fork"}
BAD_ADDRESS = {"EFAULT same"}
EXISTS = {"EEXIST same"}
# Huge pages are the kernel's to give, or not.
PERHAPS_COLLAPSED = HARMLESS | INVALID | {f"{error} same" for error in ("EAGAIN", "EBUSY", "ENOMEM")}
# Depends on what the kernel was built with.
PERHAPS_HARMLESS = HARMLESS | INVALID
# What /proc/PID/mem may write to is a setting since 6.12; sealed memory is out of its reach since 7.x.
PERHAPS_WRITTEN = LOST | {"EIO same"}


def everywhere(outcomes):
    return dict.fromkeys(KINDS, outcomes)


def by_kind(file, anonymous, special, writable, writable_file, changed_file):
    return dict(zip(KINDS, (file, anonymous, special, writable, writable_file, changed_file), strict=True))


NOT_SPECIAL = by_kind(HARMLESS, HARMLESS, HARMLESS | INVALID, HARMLESS, HARMLESS, HARMLESS)
# A special mapping that may never be written to (vvar) says so before it says that it is sealed.
NEVER_WRITABLE = by_kind(REFUSED, REFUSED, REFUSED | NO_ACCESS, REFUSED, REFUSED, REFUSED)
DISCARDS = by_kind(HARMLESS, REFUSED, HARMLESS | INVALID, PERHAPS_LOST, PERHAPS_LOST, LOST)
HIDES = by_kind(HIDDEN, REFUSED, INVALID, HIDDEN, HIDDEN, HIDDEN)
WRITES = by_kind(BAD_ADDRESS, BAD_ADDRESS, BAD_ADDRESS, LOST, LOST, BAD_ADDRESS)

EXPECTED = {
    "munmap, whole": everywhere(REFUSED),
    "munmap, part": everywhere(REFUSED),
    "munmap, spanning": everywhere(REFUSED),
    "mprotect rw, whole": NEVER_WRITABLE,
    "mprotect rw, part": NEVER_WRITABLE,
    "mprotect rw, spanning": everywhere(REFUSED | NO_ACCESS),  # the neighbour may be vvar
    "mprotect rwx, whole": NEVER_WRITABLE,
    "mprotect none, whole": everywhere(REFUSED),
    "mprotect as it is, whole": everywhere(REFUSED),
    "pkey_mprotect without key, whole": NEVER_WRITABLE,
    "pkey_mprotect with key, whole": NEVER_WRITABLE,
    "pkey_mprotect with key, part": NEVER_WRITABLE,
    "mremap away, whole": everywhere(REFUSED),
    "mremap away, part": everywhere(REFUSED),
    "mremap DONTUNMAP, whole": everywhere(REFUSED),
    "mremap expand, whole": everywhere(REFUSED),
    "mremap shrink, part": everywhere(REFUSED),
    "mremap onto, whole": everywhere(REFUSED),
    "mremap onto, part": everywhere(REFUSED),
    "mremap onto, spanning": everywhere(REFUSED),
    "mmap MAP_FIXED, whole": everywhere(REFUSED),
    "mmap MAP_FIXED, part": everywhere(REFUSED),
    "mmap MAP_FIXED, spanning": everywhere(REFUSED),
    "mmap MAP_FIXED of a file, whole": everywhere(REFUSED),
    "mmap MAP_FIXED_NOREPLACE, whole": everywhere(EXISTS),
    "shmat SHM_REMAP, whole": everywhere(REFUSED),
    "shmat SHM_REMAP, part": everywhere(REFUSED),
    "remap_file_pages, whole": everywhere(INVALID),
    "brk grown over it, whole": everywhere({"ENOMEM same"}),
    "brk shrunk from it, whole": everywhere({"ENOMEM same"}),
    "madvise NORMAL, whole": everywhere(HARMLESS),
    "madvise RANDOM, whole": everywhere(HARMLESS),
    "madvise SEQUENTIAL, whole": everywhere(HARMLESS),
    "madvise WILLNEED, whole": everywhere(HARMLESS),
    "madvise DONTNEED, whole": DISCARDS,
    "madvise DONTNEED, part": DISCARDS,
    # The neighbour may be sealed memory that refuses, or special and unable.
    "madvise DONTNEED, spanning": by_kind(
        HARMLESS | REFUSED | INVALID, REFUSED, HARMLESS | REFUSED | INVALID,
        PERHAPS_LOST | REFUSED | {"EPERM changed"}, PERHAPS_LOST | REFUSED | {"EPERM changed"}, LOST),
    "madvise DONTNEED_LOCKED, whole": DISCARDS,
    "madvise FREE, whole": by_kind(INVALID, REFUSED, INVALID, HARMLESS, INVALID, INVALID),
    "madvise REMOVE, whole": by_kind(NO_ACCESS, REFUSED, INVALID, INVALID, NO_ACCESS, NO_ACCESS),
    "madvise DONTFORK, whole": everywhere(GONE_IN_FORK) | {"anonymous": REFUSED},
    "madvise DOFORK, whole": NOT_SPECIAL,
    "madvise MERGEABLE, whole": everywhere(PERHAPS_HARMLESS),
    "madvise UNMERGEABLE, whole": everywhere(PERHAPS_HARMLESS),
    "madvise HUGEPAGE, whole": everywhere(PERHAPS_HARMLESS),
    "madvise NOHUGEPAGE, whole": everywhere(PERHAPS_HARMLESS),
    "madvise DONTDUMP, whole": everywhere(HARMLESS),
    "madvise DODUMP, whole": everywhere(HARMLESS) | {"special": INVALID},
    "madvise WIPEONFORK, whole": by_kind(
        INVALID, REFUSED, HARMLESS, HARMLESS | {"ok changed in a fork"}, INVALID, INVALID),
    "madvise KEEPONFORK, whole": everywhere(HARMLESS),
    "madvise COLD, whole": NOT_SPECIAL,
    "madvise PAGEOUT, part": NOT_SPECIAL,
    "madvise POPULATE_READ, whole": NOT_SPECIAL,
    "madvise POPULATE_WRITE, whole": everywhere(INVALID) | {"writable": HARMLESS, "writable file": HARMLESS},
    "madvise COLLAPSE, whole": everywhere(PERHAPS_COLLAPSED),
    "madvise GUARD_INSTALL, whole": HIDES,
    "madvise GUARD_INSTALL, part": HIDES,
    "madvise GUARD_REMOVE, whole": everywhere(HARMLESS) | {"special": INVALID},
    # "killed": the code that was to take the guard away was behind it.
    "madvise GUARD_INSTALL and REMOVE, whole": by_kind(
        HARMLESS | {"killed unreadable"}, REFUSED, INVALID, PERHAPS_LOST, PERHAPS_LOST, LOST),
    "process_madvise DONTNEED, whole": DISCARDS,
    "process_madvise GUARD_INSTALL, whole": HIDES,
    "process_madvise PAGEOUT, part": NOT_SPECIAL,
    "process_madvise COLLAPSE, whole": everywhere(PERHAPS_COLLAPSED),
    "mlock, whole": everywhere(HARMLESS | {"ENOMEM same"}),
    "munlock, whole": everywhere(HARMLESS),
    "msync MS_INVALIDATE, whole": everywhere(HARMLESS),
    "mbind, whole": everywhere(HARMLESS | {"ENOSYS same", "EIO same"}),
    "mseal, whole": everywhere(HARMLESS),
    "PR_SET_VMA_ANON_NAME, whole": everywhere(PERHAPS_HARMLESS | {"EBADF same"}),
    "read into it, whole": WRITES,
    "process_vm_writev, whole": WRITES,
    "write to /proc/self/mem, whole": everywhere(PERHAPS_WRITTEN),
    # Only a page that exists cannot be filled: whoever seals memory touches all of it before. Every attack is made in a
    # fork, which has a page less where the process has only read it: what was never written to is not inherited.
    "userfaultfd UFFDIO_COPY, whole": by_kind(
        INVALID, EXISTS, INVALID, EXISTS | LOST | HIDDEN, INVALID, INVALID),
    "userfaultfd UFFDIO_ZEROPAGE, whole": by_kind(
        INVALID, EXISTS, INVALID, EXISTS | HARMLESS | HIDDEN, INVALID, INVALID),
    "userfaultfd UFFDIO_POISON, whole": by_kind(
        INVALID, EXISTS, INVALID, EXISTS | HIDDEN, INVALID, INVALID),
    # Pages are moved between writable memory alone. A fork shares its pages, and such are not moved.
    "userfaultfd UFFDIO_MOVE onto, whole": by_kind(
        INVALID, INVALID, INVALID, EXISTS | LOST | HIDDEN, INVALID, INVALID),
    "userfaultfd UFFDIO_MOVE away, whole": by_kind(
        INVALID, INVALID, INVALID, PERHAPS_LOST | {"EBUSY same", "ENOENT same"}, INVALID, INVALID),
}

# Where EXPECTED of a file differs if guards fill a hole in it: taken away, the file's bytes show, no more.
UNCOVERED = {"ok uncovered"}
GUARDED_FILE = {
    "madvise GUARD_REMOVE, whole": UNCOVERED,
    "madvise GUARD_INSTALL and REMOVE, whole": UNCOVERED | {"killed unreadable"},
    # The part may lie in the hole, and so may all that has the name of the file: a page with a PLT before it has none.
    **dict.fromkeys(("madvise GUARD_INSTALL, part", "madvise GUARD_INSTALL, whole",
                     "process_madvise GUARD_INSTALL, whole"), HIDDEN | HARMLESS),
    "madvise POPULATE_READ, whole": BAD_ADDRESS,
}

# Where EXPECTED of anonymous memory differs if some of its pages are missing. Whoever watches for them by userfaultfd
# keeps everybody from making them by a touch.
SPARSE = {
    "userfaultfd UFFDIO_COPY, whole": LOST | HIDDEN,
    "userfaultfd UFFDIO_ZEROPAGE, whole": HARMLESS | HIDDEN,
    "userfaultfd UFFDIO_POISON, whole": HIDDEN,
    "userfaultfd UFFDIO_MOVE onto, whole": {"EINVAL unreadable"},
}


# The attacks that do harm although the area is sealed: what README tells. The first three of text only deny service.
FORCED_WRITE = "write to /proc/self/mem, whole"
LETS_THROUGH = {
    "file": {"madvise GUARD_INSTALL, whole", "madvise GUARD_INSTALL, part", "process_madvise GUARD_INSTALL, whole",
             "madvise DONTFORK, whole", FORCED_WRITE},
    "special": {"madvise DONTFORK, whole", FORCED_WRITE},
    "anonymous": {FORCED_WRITE},
}


def unexpected(attempts):
    """The attempts whose outcome is none of those expected."""
    return [attempt for attempt in attempts if attempt.outcome not in expected(attempt)]


def expected(attempt):
    if attempt.kind == "guarded file":
        return GUARDED_FILE.get(attempt.name, EXPECTED[attempt.name]["file"])
    if attempt.kind == "sparse":
        return SPARSE.get(attempt.name, EXPECTED[attempt.name]["anonymous"])
    return EXPECTED[attempt.name][attempt.kind]


def is_harm(outcome):
    return not outcome.endswith(" same")
