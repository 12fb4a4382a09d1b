"""The environment that a program is given: with privilege what glibc's newest loader leaves of the caller's, and
nothing of ldseal's or the loader's own; without privilege the caller's, byte for byte and in order."""

import random

import pytest
from kinds import KINDS
from starting import CAPABILITY, SET_USER_ID, give

# sysdeps/generic/unsecvars.h of glibc 2.43.
UNSAFE = """GCONV_PATH GETCONF_DIR GLIBC_TUNABLES HOSTALIASES LD_AUDIT LD_BIND_NOT LD_BIND_NOW LD_DEBUG LD_DEBUG_OUTPUT
LD_DYNAMIC_WEAK LD_LIBRARY_PATH LD_ORIGIN_PATH LD_PRELOAD LD_PROFILE LD_PROFILE_OUTPUT LD_SHOW_AUXV LD_VERBOSE LD_WARN
LOCALDOMAIN LOCPATH MALLOC_ARENA_MAX MALLOC_ARENA_TEST MALLOC_MMAP_MAX_ MALLOC_MMAP_THRESHOLD_ MALLOC_PERTURB_
MALLOC_TOP_PAD_ MALLOC_TRACE MALLOC_TRIM_THRESHOLD_ NIS_PATH NLSPATH RESOLV_HOST_CONF RES_OPTIONS TMPDIR
TZDIR""".encode().split()
# Those that it does not know, or no longer.
OTHERS = [b"LD_", b"LD_FOO", b"LD_HWCAP_MASK", b"LD_USE_LOAD_BIAS", b"LD_TRACE_LOADED_OBJECTS", b"LD_PREFER_MAP_32BIT_EXEC",
          b"LD_\x01", b"LD_ PRELOAD"]
OURS = [b"LDSEAL", b"LDSEAL_DEBUG", b"LDSEAL_GUARD", b"LDSEAL_ANYTHING", b"LDSEALED"]
HARMLESS = [b"HOME", b"PATH", b"LANG", b"LD", b"LDS", b"LDSEA", b"L", b"XLD_PRELOAD", b"ld_preload", b"LDPRELOAD", b"TZ",
            b"\x01D_PRELOAD", b"\x01D_LIBRARY_PATH", b"\x4d\x44_PRELOAD", b"TMPDI", b"TMPDIRS", b"MALLOC_CHECK", b"RUNNING"]
# Without privilege these have a meaning, so they get a value that changes nothing.
WITHOUT_EFFECT = {b"GLIBC_TUNABLES": b"glibc.malloc.arena_max=1", b"LD_AUDIT": b"", b"LD_BIND_NOW": b"1", b"LD_DEBUG": b"",
                  b"LD_DEBUG_OUTPUT": b"", b"LD_LIBRARY_PATH": b"/nowhere", b"LD_PRELOAD": b"", b"LD_PROFILE": b"",
                  b"LD_SHOW_AUXV": b"", b"LD_TRACE_LOADED_OBJECTS": b"", b"LDSEAL": b"text", b"LDSEAL_DEBUG": b"",
                  b"LDSEAL_GUARD": b"prot", b"LD_WARN": b"", b"LD_VERBOSE": b""}
RANDOM_ENVIRONMENTS = 250


def with_value(names, value=b"/nowhere"):
    return [name + b"=" + WITHOUT_EFFECT.get(name, value) for name in names]


FIXED = {
    "nothing": [],
    "every unsafe variable": with_value(UNSAFE),
    "every unsafe variable between others": [entry for unsafe in with_value(UNSAFE) for entry in (b"A=1", unsafe, b"B=")],
    "every unsafe variable twice": with_value(UNSAFE) + [b"BETWEEN=1"] + with_value(UNSAFE),
    "every unsafe variable and no '='": UNSAFE,
    "every unsafe variable, empty": [name + b"=" for name in UNSAFE],
    "names longer by one": with_value([name + b"X" for name in UNSAFE]),
    "names shorter by one": with_value([name[:-1] for name in UNSAFE]),
    "variables of other loaders": with_value(OTHERS),
    "variables of ours": with_value(OURS),
    "variables of ours, and no '='": OURS,
    "harmless variables": with_value(HARMLESS),
    "any first byte before D_PRELOAD": [bytes([first]) + b"D_PRELOAD=" for first in range(1, 256)],
    "any first byte before D_PRELOAD, and no '='": [bytes([first]) + b"D_PRELOAD" for first in range(1, 256)],
    "any second byte": [b"L" + bytes([second]) + b"_PRELOAD=" for second in range(1, 256)],
    "empty names": [b"=", b"=x", b"==", b"=LD_PRELOAD=x"],
    "empty entries": [b"", b"A=1", b"", b"", b"LD_PRELOAD=", b""],
    "empty entries alone": [b"", b""],
    "3000 variables": [entry for n in range(1000) for entry in (b"A%d=" % n, b"LD_X%d=" % n, b"\x01D_X%d=" % n)],
    "variables of 100 KB": [b"A=" + b"x" * 100_000, b"LD_X=" + b"x" * 100_000, b"\x01D_PRELOAD=" + b"/" * 100_000],
    "a name of 100 KB": [b"LD_" + b"x" * 100_000, b"LD_" + b"x" * 100_000 + b"=1"],
}
NAMES = (UNSAFE, OTHERS, OURS, HARMLESS)


def some_bytes(chance, most):
    return bytes(chance.randrange(1, 256) for _ in range(chance.randrange(most)))


def some_name(chance):
    """One that is known, or one that looks like it."""
    name = chance.choice(chance.choice(NAMES))
    at = chance.randrange(len(name) + 1)
    return chance.choice([name, name, name, name[:at], name + some_bytes(chance, 3), some_bytes(chance, 2) + name,
                          name[:at] + some_bytes(chance, 2) + name[at + 1:], some_bytes(chance, 12)])


def some_entry(chance):
    name = some_name(chance)
    if chance.random() < 0.15:
        return name
    return name + b"=" + WITHOUT_EFFECT.get(name.partition(b"=")[0], some_bytes(chance, 20))


def some_environment(seed):
    chance = random.Random(seed)
    entries = [some_entry(chance) for _ in range(chance.choice([1, 3, 10, 40, 100]))]
    return entries + chance.sample(entries, len(entries) // 5)


ENVIRONMENTS = {**FIXED, **{f"random {seed}": some_environment(seed) for seed in range(RANDOM_ENVIRONMENTS)}}


def name_of(entry):
    """None where there is no '=': that is no variable to any libc, and glibc leaves it."""
    name, equals, _ = entry.partition(b"=")
    return name if equals else None


def is_taken_by_glibc(entry):
    return name_of(entry) in UNSAFE


def is_ours_to_take(entry):
    return name_of(entry) is not None and entry.startswith((b"LD_", b"LDSEAL"))


def left(environment):
    return [entry for entry in environment if not is_taken_by_glibc(entry) and not is_ours_to_take(entry)]


def strays(starts, program, wanted):
    """The names of the environments of which this program saw something else than wanted(environment)."""
    found = {}
    for number, (name, environment) in enumerate(ENVIRONMENTS.items()):
        start = starts[program, number]
        seen, expected = start.variables, wanted(environment)
        if seen != expected:
            found[name] = {"gone": [entry for entry in expected if entry not in seen],
                           "more": [entry for entry in seen if entry not in expected]}
    return found


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def pair(builder, kind):
    """(ours, theirs) without privilege."""
    return builder.programs("shows_start.c", kind)


@pytest.fixture(scope="module", params=[SET_USER_ID, CAPABILITY])
def privileged(request, pair, starter):
    """((ours, theirs), every start of them by nobody)."""
    for program in pair:
        give(program, request.param)
    return pair, starter.run(pair, "nobody", environments=ENVIRONMENTS.values())


@pytest.fixture(scope="module")
def plain(pair, starter):
    """((ours, theirs), every start of them without privilege)."""
    for program in pair:
        give(program, None)
    return pair, starter.run(pair, "nobody", environments=ENVIRONMENTS.values())


def test_with_privilege_it_is_what_the_newest_glibc_leaves_less_what_is_the_loaders(privileged):
    (ours, _), starts = privileged
    assert {start.number(b"secure") for start in starts.values()} == {1}
    assert strays(starts, ours, left) == {}


def test_the_newest_glibc_leaves_what_these_tests_say(privileged, kind):
    (_, theirs), starts = privileged
    if not kind.is_newest:
        pytest.skip("is for the newest glibc to say")
    assert strays(starts, theirs, lambda entries: [each for each in entries if not is_taken_by_glibc(each)]) == {}


def test_without_privilege_it_is_the_callers(plain):
    (ours, _), starts = plain
    assert {start.number(b"secure") for start in starts.values()} == {0}
    assert strays(starts, ours, list) == {}


@pytest.mark.parametrize("mode", ["plain", "privileged"])
def test_the_block_on_the_stack_is_whole(mode, request):
    (ours, _), starts = request.getfixturevalue(mode)
    for start in (start for (program, _), start in starts.items() if program == ours):
        answers = [start.number(question) for question in (
            b"argc lies before argv", b"argv ends with a null", b"environment follows argv", b"texts follow the vector")]
        assert answers == [1] * 4 and start.values(b"libc has this environment ") in ([], [b"1"]), start.texts


@pytest.mark.parametrize("mode", ["plain", "privileged"])
def test_proc_shows_the_callers_bytes(mode, request):
    (ours, _), starts = request.getfixturevalue(mode)
    for number, environment in enumerate(ENVIRONMENTS.values()):
        assert starts[ours, number].environ_file == b"".join(entry + b"\0" for entry in environment)


def test_nothing_of_it_makes_the_loader_speak(privileged):
    (ours, _), starts = privileged
    assert {start.out + start.err for (program, _), start in starts.items() if program == ours} == {b""}


@pytest.fixture(scope="module")
def careless(builder, kind):
    programs = builder.programs("passes_on.c", kind)
    for program in programs:
        give(program, SET_USER_ID)
    return programs


def test_a_program_started_by_it_sees_nothing_that_glibc_would_not_show(careless, starter):
    ours, _ = careless
    starts = starter.run([ours], "nobody", environments=FIXED.values())
    for number, environment in enumerate(FIXED.values()):
        start = starts[ours, number]
        assert (start.status, start.err) == (0, b"")
        assert start.out == b"".join(entry + b"\0" for entry in left(environment))


def test_no_library_of_the_callers_runs_in_a_program_started_by_it(careless, starter, speaking_library):
    ours, _ = careless
    environment = [bytes([first]) + b"D_PRELOAD=" + speaking_library for first in range(1, 256)]
    start = starter.run([ours], "nobody", environments=[environment])[ours, 0]
    assert (start.status, start.err) == (0, b"") and start.out.count(b"D_PRELOAD=") == 254


def test_the_callers_library_runs_where_it_may(starter, speaking_library):
    start = starter.run(["/usr/bin/env"], "nobody", environments=[[b"LD_PRELOAD=" + speaking_library]])["/usr/bin/env", 0]
    assert start.err == b"false library\n"
