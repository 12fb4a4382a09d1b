"""What each attack on sealed memory comes to on each kernel, as data."""

from expectations import EXPECTED, INVALID, REFUSED, expected

MOVING = ("munmap", "munmap-page", "munmap-spanning", "mprotect-write", "mprotect-all", "mprotect-none", "mremap-move",
          "mremap-onto", "mmap-over")
DISCARDING = ("madvise-dontneed", "madvise-dontneed-locked", "madvise-free", "madvise-guard")
SYSTEM_RANGES = ("vdso", "vvar")

# Of guest/attack.c, for DISCARDING in its order. Where there are no guards the last answer is "EINVAL same".
TEXT = ("0 same", "0 same", "EINVAL same", "0 unreadable")
RELRO = ("EPERM same",) * 4
VDSO = ("0 same", "0 same", "EINVAL same", "EINVAL same")
VVAR = {"x86_64": ("EINVAL unread",) * 4, "aarch64": ("0 unread", "0 unread", "EINVAL unread", "EINVAL unread")}

# Of tests/seal's matrix: what was refused of the kernel's mappings by 6.12.
DISCARDS = {name for name, row in EXPECTED.items() if name.startswith("madvise ") and row["anonymous"] == REFUSED}

# A guest's files lie in memory (tmpfs), and there userfaultfd fills private pages that are not mapped at the moment,
# sealed or not. With DONTNEED, which sealed text allows, that is every page.
FILLS_IN_MEMORY = {
    "userfaultfd UFFDIO_COPY, whole": {"ok changed", "EEXIST same"},
    "userfaultfd UFFDIO_ZEROPAGE, whole": {"ok changed", "EEXIST same"},
    "userfaultfd UFFDIO_POISON, whole": {"ok unreadable", "EEXIST same"},
}


def answers_where_sealed(kernel):
    """{(range, attack): "ERRNO contents"} that guest/attack.c tells under the loader."""
    vdso, vvar = VDSO, VVAR[kernel.machine]
    if kernel.seals_special_contents:
        vdso, vvar = ("EPERM same",) * 4, ("EPERM unread",) * 4
    answers = {}
    for name, discarding in (("text", TEXT), ("relro", RELRO), ("vdso", vdso), ("vvar", vvar)):
        contents = "unread" if name == "vvar" else "same"
        answers |= {(name, attack): f"EPERM {contents}" for attack in MOVING}
        answers |= {(name, attack): answer for attack, answer in zip(DISCARDING, discarding, strict=True)}
        if not kernel.has_guards:
            answers[name, "madvise-guard"] = f"EINVAL {contents}"
    # What may never be written to says so before it says that it is sealed.
    answers |= {("vvar", attack): "EACCES unread" for attack in ("mprotect-write", "mprotect-all")}
    return answers


def unexpected(kernel, attempts):
    """The attempts of the matrix whose outcome is none of those expected on this kernel."""
    return [attempt for attempt in attempts if attempt.outcome not in allowed(kernel, attempt)]


def allowed(kernel, attempt):
    """The table of tests/seal, and what is different here."""
    if not kernel.has_guards and "GUARD_" in attempt.name:
        return INVALID
    if not kernel.has_guards and attempt.name == "process_madvise DONTNEED, whole":
        return INVALID  # of other processes as of itself: allowed since 6.13
    if kernel.seals_special_contents and attempt.kind == "special" and attempt.name in DISCARDS:
        return REFUSED
    if attempt.name in FILLS_IN_MEMORY and attempt.kind in ("file", "guarded file", "changed file"):
        return {"EEXIST same"} if attempt.kind == "changed file" else FILLS_IN_MEMORY[attempt.name]
    return expected(attempt)
