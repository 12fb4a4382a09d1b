"""The environment that a program is given: with privilege what glibc's newest loader leaves of the caller's, and
nothing of ldseal's or the loader's own; without privilege the caller's, byte for byte and in order."""

import functools
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
# Those that it does not know, or no longer: glibc 2.36 takes MALLOC_CHECK_ away.
OTHERS = [b"LD_", b"LD_FOO", b"LD_HWCAP_MASK", b"LD_USE_LOAD_BIAS", b"LD_PREFER_MAP_32BIT_EXEC", b"LD_\x01",
          b"LD_ PRELOAD", b"LD__PRELOAD", b"MALLOC_CHECK_"]
OURS = [b"LDSEAL", b"LDSEAL_DEBUG", b"LDSEAL_GUARD", b"LDSEAL_ANYTHING", b"LDSEALED", b"RUNNING_UNDER_RR"]
HARMLESS = [b"HOME", b"PATH", b"LANG", b"LD", b"LDS", b"LDSEA", b"L", b"XLD_PRELOAD", b"ld_preload", b"LDPRELOAD",
            b"\x01D_PRELOAD", b"\x01D_LIBRARY_PATH", b"MD_PRELOAD", b"TMPDI", b"TMPDIRS", b"MALLOC_CHECK", b"TZ"]
# Without privilege these have a meaning, so there they get a value that changes nothing.
WITHOUT_EFFECT = {b"GLIBC_TUNABLES": b"glibc.malloc.arena_max=1", b"MALLOC_CHECK_": b"1", b"LD_AUDIT": b"",
                  b"LD_BIND_NOW": b"1", b"LD_DEBUG": b"", b"LD_DEBUG_OUTPUT": b"", b"LD_LIBRARY_PATH": b"/nowhere",
                  b"LD_PRELOAD": b"", b"LD_PROFILE": b"", b"LD_SHOW_AUXV": b"",
                  b"LDSEAL": b"+text", b"LDSEAL_DEBUG": b"", b"LDSEAL_GUARD": b"prot",
                  **{name: b"1" for name in UNSAFE if name.startswith(b"MALLOC_")}}
WITH_EFFECT = [b"LD_DEBUG=all", b"LD_DEBUG_OUTPUT=/var/tmp/never-written", b"LD_TRACE_LOADED_OBJECTS=1",
               b"LD_PRELOAD=/nowhere:" + b"x" * 255, b"LD_AUDIT=/nowhere", b"LD_LIBRARY_PATH=/nowhere",
               b"LD_SHOW_AUXV=1", b"LD_VERBOSE=1", b"LD_WARN=1",
               b"LD_PROFILE=libc.so.6", b"LD_BIND_NOT=1", b"GLIBC_TUNABLES=glibc.malloc.check=3:glibc.rtld.nns=99999",
               b"LDSEAL=off", b"LDSEAL=nonsense", b"LDSEAL_DEBUG=all", b"LDSEAL_GUARD=nonsense", b"RUNNING_UNDER_RR=1"]
RANDOM_ENVIRONMENTS = 250


def with_value(names):
    return [name + b"=" + WITHOUT_EFFECT.get(name, b"/nowhere") for name in names]


FIXED = {
    "nothing": [],
    "every unsafe variable": with_value(UNSAFE),
    "every unsafe variable between others": [entry for each in with_value(UNSAFE) for entry in (b"A=1", each, b"B=")],
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
PRIVILEGED_ONLY = {
    "variables with effect": WITH_EFFECT,
    "variables with effect, backwards and twice": WITH_EFFECT[::-1] + [b"KEPT=1"] + WITH_EFFECT,
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


def is_taken_by_us(entry):
    name = name_of(entry)
    return name is not None and name.startswith((b"LD_", b"LDSEAL"))


def is_taken_by_libc_itself(entry, kind):
    """glibc 2.36 takes away one more; it does so under any loader."""
    return kind.libc == "glibc" and not kind.is_newest and name_of(entry) == b"MALLOC_CHECK_"


def left(environment, kind):
    return [entry for entry in environment if not (
        is_taken_by_glibc(entry) or is_taken_by_us(entry) or is_taken_by_libc_itself(entry, kind))]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def pair(builder, kind):
    """(ours, theirs) without privilege."""
    return builder.programs("shows_start.c", kind)


class Starts:
    """Every start of one program by nobody."""

    def __init__(self, starter, program, kind, privilege):
        self.kind = kind
        self.is_privileged = privilege is not None
        self.environments = {**ENVIRONMENTS, **(PRIVILEGED_ONLY if privilege else {})}
        give(program, privilege)
        found = starter.run([program], "nobody", environments=self.environments.values())
        self.all = [found[program, number] for number in range(len(self.environments))]
        assert {start.number(b"secure") for start in self.all} == {int(self.is_privileged)}

    def strays(self, wanted):
        """The environments of which the program saw something else than wanted(environment)."""
        found = {}
        for (name, environment), start in zip(self.environments.items(), self.all):
            seen, expected = start.variables, wanted(environment)
            if seen != expected:
                found[name] = {"gone": [entry[:80] for entry in expected if entry not in seen],
                               "more": [entry[:80] for entry in seen if entry not in expected]}
        return found


@pytest.fixture(scope="module", params=[None, SET_USER_ID, CAPABILITY], ids=["plain", SET_USER_ID, CAPABILITY])
def starts(request, pair, kind, starter):
    return Starts(starter, pair[0], kind, request.param)


def test_it_is_what_the_newest_glibc_leaves_less_what_is_the_loaders_or_all_without_privilege(starts):
    wanted = functools.partial(left, kind=starts.kind) if starts.is_privileged else list
    assert starts.strays(wanted) == {}


def test_the_block_on_the_stack_is_whole(starts):
    for start in starts.all:
        answers = [start.number(question) for question in (
            b"argc lies before argv", b"argv ends with a null", b"environment follows argv",
            b"texts follow the vector")]
        assert answers == [1] * 4 and start.values(b"libc has this environment ") in ([], [b"1"]), start.texts


def test_proc_shows_the_callers_bytes(starts):
    for environment, start in zip(starts.environments.values(), starts.all):
        assert start.environ_file == b"".join(entry + b"\0" for entry in environment)


def test_nothing_of_it_makes_the_loader_speak(starts):
    assert {start.out + start.err for start in starts.all} == {b""}


def test_the_newest_glibc_leaves_what_these_tests_say(builder, starter):
    (newest,) = [kind for kind in KINDS if kind.is_newest]
    starts = Starts(starter, builder.programs("shows_start.c", newest)[1], newest, SET_USER_ID)
    assert starts.strays(lambda environment: [entry for entry in environment if not is_taken_by_glibc(entry)]) == {}


@pytest.fixture(scope="module")
def careless(builder, kind):
    program, _ = builder.programs("passes_on.c", kind)
    give(program, SET_USER_ID)
    return program


def test_a_program_started_by_it_sees_nothing_that_glibc_would_not_show(careless, kind, starter):
    environments = {**FIXED, **PRIVILEGED_ONLY}
    starts = starter.run([careless], "nobody", environments=environments.values())
    for number, environment in enumerate(environments.values()):
        start = starts[careless, number]
        assert (start.status, start.err) == (0, b"")
        assert start.out == b"".join(entry + b"\0" for entry in left(environment, kind))


def test_no_library_of_the_callers_runs_in_a_program_started_by_it(careless, builder, starter):
    environment = [bytes([first]) + b"D_PRELOAD=" + bytes(builder.false_library) for first in range(1, 256)]
    start = starter.run([careless], "nobody", environments=[environment])[careless, 0]
    assert (start.status, start.err) == (0, b"") and start.out.count(b"D_PRELOAD=") == 254


def test_that_library_runs_where_it_may(builder, starter):
    env, environment = "/usr/bin/env", [b"LD_PRELOAD=" + bytes(builder.false_library)]
    assert starter.run([env], "nobody", environments=[environment])[env, 0].err == b"false library\n"
