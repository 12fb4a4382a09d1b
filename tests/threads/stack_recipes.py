"""The programs about threads' stacks, and how each is built and started."""

from pathlib import Path

from workshop.recipe import PAGE_SIZES, Library, Recipe, variants

PROGRAMS = Path(__file__).resolve().parent / "programs"
STACKS = (PROGRAMS / "stacks.h").read_text()
CLASH_PROTECTION = ("-fstack-clash-protection", "-DFRAME=100000")


def about(name, file, **choices):
    usual = {"libcs": ("musl", "glibc"), "page_sizes": (), "link": ("-pthread",), "compile": ("-O1",)}
    return Recipe(f"stacks {name}", STACKS + (PROGRAMS / file).read_text(), **{**usual, **choices})


def overflow(name, *arguments, **choices):
    usual = {"status": 3, "newer_libcs": False, "shows": ("signal: 11", "the fault is in the guard: yes")}
    return about(f"overflow {name}", "overflow.c", arguments=arguments, **{**usual, **choices})


def with_words(recipe):
    """The same with guards of each kind that every machine has."""
    return [variants(recipe, name=f"{recipe.name} {word}", environment=(("LDSEAL_GUARD", word),), newer_libcs=False)
            for word in ("prot", "off")]


TOLD = about("told", "told.c", page_sizes=PAGE_SIZES)
SIZES = about("sizes", "sizes.c", libcs=("glibc",), page_sizes=PAGE_SIZES)
SMALL = about("small", "small.c", libcs=("glibc",), shows=("  answer: 22", "  it has run: yes"))
LIVES = about("lives", "lives.c", status=5, shows=("returned: 15", "without a guard: 0"))
REUSE = about("reuse", "reuse.c", shows=("wrong: 0", "wrong at the end: 0"))
LARGER = about("larger", "larger.c", libcs=("glibc",), shows=("its creator", "  the guard is there: yes"))
ASKED = about("of the size that the program asks for", "asked.c", link=("-pthread", "-Wl,-z,stack-size=2097152"))
ASKED_BY_LIBRARY = variants(
    ASKED, name="stacks of the size that a library asks for", libraries=(
        Library("large", "int large(void) { return 1; }\n", link=("-Wl,-z,stack-size=4194304",)),))
# The emulator fails an assertion of its own when the child of a process with threads starts one.
FORK = about("reuse in a child", "reuse.c", arguments=("fork",), machines=("x86_64",), shows=("wrong in a child: 0",))
OVERFLOW = overflow("handled", "handled")
LARGE_FRAMES = overflow("large frames", "handled", compile=("-O1", *CLASH_PROTECTION))

RECIPES = [
    TOLD, *with_words(TOLD), SIZES, *with_words(SIZES), SMALL, *with_words(SMALL), LIVES, *with_words(LIVES), REUSE, *with_words(REUSE), ASKED, ASKED_BY_LIBRARY, LARGER, *with_words(LARGER), FORK, *with_words(FORK),
    about("pool", "pool.cc", language="c++", libcs=("glibc",), shows=("without a guard: 0",)),
    OVERFLOW, *with_words(OVERFLOW),
    overflow("many pages", "handled", "16"),
    # Without libc's larger guard on aarch64 the compiler's probes, 64 KiB apart, may skip it: so musl is left out there.
    variants(LARGE_FRAMES, libcs=("glibc",)),
    variants(LARGE_FRAMES, name=f"{LARGE_FRAMES.name} musl", libcs=("musl",), machines=("x86_64",)),
    overflow("unhandled", "unhandled", status=-11, shows=()),
    about("filtered", "filtered.c", machines=("x86_64",), shows=("begun: 4",)),  # the emulator knows no filters
    about("locked late", "locked.c", machines=("x86_64",), shows=("locked: 0", "unlocked: 0")),
    about("locked early", "locked.c", arguments=("early",), machines=("x86_64",), shows=("locked: 0", "unlocked: 0")),
]
