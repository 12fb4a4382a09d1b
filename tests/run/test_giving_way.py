"""What ld-seal does not do it leaves to libc's own loader, in the same process: everything is as under that loader."""

import os
import re
import signal

import pytest

from laboratory import AS_NOBODY, Laboratory, readelf
from sources import sources_of
from workshop import places

CASES = sources_of(__file__)
HEADERS = places.PROJECT / "ldso" / "include"
TAKES_OVER = re.compile(r"takes over, and nothing but the kernel's own mappings is sealed: (.*)\n")
STATUS = 3  # of the programs here
STACK = "asks for an executable stack: PT_GNU_STACK p_flags is 0x7 instead of 0x6"
NO_HEADER = "asks for an executable stack: a missing PT_GNU_STACK's p_flags is 0x7 instead of 0x6"
TEXT = "has text relocations: DT_TEXTREL"


@pytest.fixture(params=["x86_64", "aarch64"])
def place(request, tmp_path):
    """A laboratory with glibc for each machine."""
    return Laboratory(tmp_path, request.param, libc="glibc")


class Shape:
    """A kind of program that ld-seal leaves to libc's own loader."""

    def __init__(self, build, why):
        self.build = build
        self.why = why

    def program(self, lab, interpreter):
        return self.build(lab, interpreter)


def run_path(library):
    return f"-Wl,-rpath,{library.parent}"


def needing(lab, library, interpreter, **more):
    return lab.program("program", [library], source=CASES / "asks.c", flags=[run_path(library)], interpreter=interpreter, **more)


def stack_of_the_program(lab, interpreter):
    return lab.program("program", source=CASES / "trampoline.c", interpreter=interpreter)


def stack_of_a_program_at_a_fixed_address(lab, interpreter):
    return lab.program("program", source=CASES / "trampoline.c", interpreter=interpreter, pie=False)


def stack_of_a_library(lab, interpreter):
    return needing(lab, lab.library("libs/libnested.so", source=CASES / "libnested.c"), interpreter)


def stack_by_an_old_assembler_source(lab, interpreter):
    # Linkers take such a source for one that needs an executable stack on x86_64 only.
    flags = [] if lab.machine == "x86_64" else ["-Wl,-z,execstack"]
    library = lab.library("libs/libold.so", source=CASES / "libassembler.S", flags=flags)
    return needing(lab, library, interpreter)


def stack_without_a_header(lab, interpreter):
    library = lab.library("libs/libold.so", source=CASES / "libassembler.S", flags=["-nostdlib", "-nostartfiles"])
    assert "GNU_STACK" not in readelf(library, "-l")
    return needing(lab, library, interpreter)


def text_of_a_library(lab, interpreter):
    library = lab.library("libs/libtext.so", source=CASES / "text_relocation.S", flags=["-Wl,-z,notext"])
    assert "TEXTREL" in readelf(library, "-d")
    return needing(lab, library, interpreter)


def text_of_the_program(lab, interpreter):
    code = lab._build("code.o", CASES / "text_relocation.S", lab.machine, lambda chain, compiled, output: ["cp", compiled, output], [])
    program = lab.program("program", source=CASES / "asks.c", flags=[str(code), "-Wl,-z,notext"], interpreter=interpreter)
    assert "TEXTREL" in readelf(program, "-d")
    return program


SHAPES = {build.__name__: Shape(build, why) for build, why in (
    (stack_of_the_program, STACK), (stack_of_a_program_at_a_fixed_address, STACK), (stack_of_a_library, STACK),
    (stack_by_an_old_assembler_source, STACK), (stack_without_a_header, NO_HEADER), (text_of_a_library, TEXT),
    (text_of_the_program, TEXT))}


@pytest.fixture(params=SHAPES.values(), ids=SHAPES.keys())
def shape(request):
    return request.param


def reason(outcome):
    """Why libc's loader took over, by the trace."""
    found = TAKES_OVER.findall(outcome.stderr)
    assert len(found) == 1, outcome
    return found[0]


def test_by_its_interpreter_the_program_runs_as_under_libcs_own_loader(place, shape):
    wanted = place.run_directly([shape.program(place, None), "x", "y"], KEPT="1")
    found = place.run_directly([shape.program(place, place.ours), "x", "y"], KEPT="1")
    assert wanted.status == STATUS, wanted
    assert found == wanted


def test_as_a_command_the_program_runs_as_under_libcs_own_loader(place, shape):
    program = shape.program(place, None)
    wanted = place.run(program, "x", "y", loader=place.theirs, KEPT="1")
    assert wanted.status == STATUS, wanted
    assert place.run(program, "x", "y", KEPT="1") == wanted


def test_the_trace_says_who_takes_over_and_why(place, shape):
    program = shape.program(place, place.ours)
    found = place.run_directly([program], LDSEAL_DEBUG="seal")
    assert found.status == STATUS, found
    assert reason(found).endswith(shape.why), found


@pytest.mark.parametrize("word", ["statistics", "files"])
def test_other_words_of_the_trace_tell_it_too(place, word):
    found = place.run_directly([stack_of_the_program(place, place.ours)], LDSEAL_DEBUG=word)
    assert reason(found).endswith(STACK), found


def test_under_require_the_program_is_refused_with_the_reason(place, shape):
    found = place.run_directly([shape.program(place, place.ours)], LDSEAL="require")
    assert (found.status, found.stdout) == (127, ""), found
    assert re.fullmatch(f"ld-seal: .*: {re.escape(shape.why)}\n", found.stderr), found


@pytest.mark.parametrize("words", ["require", "final", "require,final"])
@pytest.mark.parametrize("variable", [{}, {"LDSEAL": "off"}, {"LD_AUDIT": "/nowhere.so"}, {"LD_PROFILE": "libc.so.6"}],
                         ids=["alone", "LDSEAL-off", "LD_AUDIT", "LD_PROFILE"])
def test_a_program_whose_note_says_so_is_never_left_to_another_loader(place, words, variable):
    may_be_taken_back = words == "require" and "LDSEAL" in variable
    flags = [f'-DWORDS="{words}"', "-I", str(HEADERS)]
    note = place._build("note.o", CASES / "policy.c", place.machine, lambda chain, compiled, output: ["cp", compiled, output], flags)
    source = "asks.c" if variable.keys() & {"LD_AUDIT", "LD_PROFILE"} else "trampoline.c"
    library = place.library("libs/libplain.so", source="int number(int base) { return base; }\n")
    program = place.program("program", [library], source=CASES / source, interpreter=place.ours,
                            flags=[str(note), run_path(library)])
    found = place.run_directly([program], **variable)
    if may_be_taken_back:
        assert found.status == STATUS, found
    else:
        assert (found.status, found.stdout) == (127, ""), found
        why = {"LD_AUDIT": "is to be audited: LD_AUDIT /nowhere.so", "LD_PROFILE": "is to be profiled: LD_PROFILE libc.so.6"}
        reasons = [words for name, words in why.items() if name in variable] or [STACK]
        assert found.stderr == f"ld-seal: {program}: {reasons[0]}\n", found


def without_addresses(outcome, lab):
    """What it printed, without addresses, numbers of processes, the loader's name and the line that says who takes over."""
    errors = "".join(line for line in outcome.stderr.splitlines(keepends=True) if not TAKES_OVER.search(line))
    numbers = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|^ *\d+(?=:\t)", re.MULTILINE)
    return [numbers.sub("#", text.replace(str(lab.ours), str(lab.theirs))) for text in (outcome.stdout, errors)]


@pytest.mark.parametrize("build", [stack_of_the_program, stack_of_a_library])
@pytest.mark.parametrize("variables", [{"LD_SHOW_AUXV": "1"}, {"LD_DEBUG": "libs"}, {"LD_DEBUG": "files"},
                                       {"LD_DEBUG": "nonsense"}], ids=str)
def test_what_both_loaders_print_is_printed_once(glibc_lab, build, variables):
    for command in (False, True):
        outcomes = []
        for loader in (glibc_lab.theirs, glibc_lab.ours):
            program = build(glibc_lab, None if command or loader == glibc_lab.theirs else loader)
            outcomes.append(glibc_lab.run_directly([*([loader] if command else []), program], **variables))
        wanted, found = (without_addresses(outcome, glibc_lab) for outcome in outcomes)
        assert "AT_PHDR" in wanted[0] or ":" in wanted[1], outcomes[0]
        assert found == wanted


@pytest.mark.parametrize("variables", [{"LD_SHOW_AUXV": "1"}, {"LD_DEBUG": "libs"}], ids=str)
def test_what_was_asked_for_is_printed_before_an_error(glibc_lab, variables):
    library = glibc_lab.library("libs/libgone.so", source="int number(int base) { return base; }\n")
    program = needing(glibc_lab, library, glibc_lab.ours)
    os.remove(library)
    found = glibc_lab.run_directly([program], **variables)
    assert found.status == 127 and found.stderr.endswith("\n"), found
    assert ("AT_PHDR" in found.stdout) == ("LD_SHOW_AUXV" in variables), found
    assert ("find library=libgone.so" in found.stderr) == ("LD_DEBUG" in variables), found
    assert found.stderr.splitlines()[-1].startswith("ld-seal: libgone.so: "), found


@pytest.mark.parametrize("option", ["--list-tunables", "--list-diagnostics"])
def test_what_glibcs_loader_is_asked_for_it_prints_once(glibc_lab, option):
    found = glibc_lab.run_directly([glibc_lab.ours, option], LD_SHOW_AUXV="1")
    assert found.status == 0 and found.stdout.count("AT_PHDR:") == 1, found


def auditor(lab):
    return lab.library("libauditor.so", source=CASES / "libauditor.c")


def test_LD_AUDIT_audits_as_under_libcs_own_loader(place):
    library = place.library("libs/libplain.so", source="int number(int base) { return base; }\n")
    variables = {"LD_AUDIT": str(auditor(place)), "KEPT": "1"}
    wanted = place.run_directly([needing(place, library, None)], **variables)
    found = place.run_directly([needing(place, library, place.ours)], **variables)
    assert "opened before the program: " in wanted.stdout and f"variable: LD_AUDIT={auditor(place)}" in wanted.stdout
    assert found == wanted


@pytest.mark.parametrize("option", [("--audit",), ()], ids=["option", "variable"])
def test_a_command_is_audited_as_by_libcs_own_loader(place, option):
    library = place.library("libs/libplain.so", source="int number(int base) { return base; }\n")
    program = needing(place, library, None)
    options = [*option, auditor(place)] if option else []
    variables = {} if option else {"LD_AUDIT": str(auditor(place))}
    wanted = place.run(program, "x", loader=place.theirs, options=options, **variables)
    assert "opened before the program: " in wanted.stdout, wanted
    assert place.run(program, "x", options=options, **variables) == wanted


@pytest.mark.parametrize("tag", ["audit", "depaudit"])
def test_an_auditor_that_the_program_names_itself_audits(place, tag):
    library = place.library("libs/libplain.so", source="int number(int base) { return base; }\n")
    outcomes = []
    for interpreter in (None, place.ours):
        program = place.program("program", [library], source=CASES / "asks.c", interpreter=interpreter,
                                flags=[run_path(library), f"-Wl,--{tag}={auditor(place)}"])
        outcomes.append(place.run_directly([program]))
    assert "opened before the program: " in outcomes[0].stdout, outcomes[0]
    assert outcomes[1] == outcomes[0]


def test_LD_PROFILE_writes_a_profile(place):
    library = place.library("libs/libplain.so", source="int abs(int);\nint number(int base) { return abs(base); }\n",
                            compile=["-fno-builtin"])
    for interpreter, folder in ((None, place.path("wanted/x").parent), (place.ours, place.path("found/x").parent)):
        program = needing(place, library, interpreter)
        outcome = place.run_directly([program], LD_PROFILE="libplain.so", LD_PROFILE_OUTPUT=str(folder))
        assert outcome.status == STATUS, outcome
    assert os.listdir(place.folder / "found") == os.listdir(place.folder / "wanted") == ["libplain.so.profile"]


@pytest.mark.parametrize("variable", ["LD_AUDIT", "LD_PROFILE"])
def test_an_empty_variable_asks_for_nothing(place, variable):
    library = place.library("libs/libplain.so", source="int number(int base) { return base; }\n")
    found = place.run_directly([needing(place, library, place.ours)], LDSEAL_DEBUG="seal", **{variable: ""})
    assert found.status == STATUS and not TAKES_OVER.search(found.stderr), found


def test_a_preload_with_an_executable_stack_is_left_to_libcs_own_loader(place):
    library = place.library("libs/libplain.so", source="int number(int base) { return base; }\n")
    preload = place.library("libnested.so", source=CASES / "libnested.c")
    variables = {"LD_PRELOAD": f"libmissing.so:{preload}", "KEPT": "1"}
    wanted = place.run_directly([needing(place, library, None)], **variables)
    assert "number: 42" in wanted.stdout and wanted.stderr.count("libmissing.so") == 1, wanted
    assert place.run_directly([needing(place, library, place.ours)], **variables) == wanted


def options(lab):
    return ["--inhibit-cache", "--library-path", lab.path("libs/x").parent, "--preload", lab.folder / "libpre.so",
            "--argv0", "another", "--inhibit-rpath", "libnone.so"]


@pytest.mark.parametrize("joined", [False, True], ids=["two-words", "one-word"])
def test_the_options_of_the_command_go_to_libcs_own_loader(place, joined):
    place.library("libs/libnested.so", source=CASES / "libnested.c")
    place.library("libpre.so", source="int number(int base) { return -base; }\n")
    program = place.program("program", [place.folder / "libs/libnested.so"], source=CASES / "asks.c")
    ours = [str(word) for word in options(place)]
    if joined:
        ours = ["--inhibit-cache", *(f"{ours[n]}={ours[n + 1]}" for n in range(1, len(ours), 2))]
    # The emulated glibc is found by the cache or not at all.
    library_path = ours if place.machine == "x86_64" else ours[1:]
    theirs = options(place) if place.machine == "x86_64" else options(place)[1:]
    wanted = place.run(program, "x", loader=place.theirs, options=theirs)
    assert wanted.status == STATUS and "number: -41" in wanted.stdout, wanted
    assert place.run(program, "x", options=library_path) == wanted


def sealed_mappings(smaps):
    """The names of the mappings with `sl` among their flags."""
    names, name = [], None
    for line in smaps.splitlines():
        words = line.split()
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            name = words[5] if len(words) > 5 else ""
        elif words[0] == "VmFlags:" and "sl" in words:
            names.append(name)
    return names


@pytest.fixture
def shows_mappings(glibc_lab):
    return glibc_lab.program("program", source=CASES / "mappings.c", flags=["-Wl,-z,execstack"], interpreter=glibc_lab.ours)


def test_the_kernels_own_mappings_are_sealed_and_nothing_else(glibc_lab, shows_mappings):
    found = glibc_lab.run_directly([shows_mappings])
    assert set(sealed_mappings(found.stdout)) == {"[vdso]", "[vvar]", "[vvar_vclock]"} & set(
        re.findall(r"\[v\w+\]", found.stdout)) - {"[vsyscall]"}, found
    assert "[vdso]" in sealed_mappings(found.stdout), found


def test_with_LDSEAL_off_not_even_those(glibc_lab, shows_mappings):
    assert sealed_mappings(glibc_lab.run_directly([shows_mappings], LDSEAL="off").stdout) == []


def test_nothing_is_mapped_twice(glibc_lab, shows_mappings):
    smaps = glibc_lab.run_directly([shows_mappings]).stdout
    for file in ("libc.so.6", "ld-linux-x86-64.so.2", "program"):
        starts = [line for line in smaps.splitlines() if re.match(rf"\S+ r--p 00000000 .*/{re.escape(file)}$", line)]
        assert len(starts) == 1, smaps
    assert "ld.so.cache" not in smaps


def test_ld_seal_in_the_place_of_libcs_loader_is_not_taken_for_it(glibc_lab, tmp_path):
    """In a folder that is searched first."""
    first = glibc_lab.path("first/ld-linux-x86-64.so.2")
    os.symlink(glibc_lab.ours, first)
    program = glibc_lab.program("program", source=CASES / "trampoline.c", interpreter=first)
    for variables in ({}, {"LD_LIBRARY_PATH": str(first.parent)}):
        wanted = glibc_lab.run_directly([glibc_lab.program("other", source=CASES / "trampoline.c")], **variables)
        assert glibc_lab.run_directly([program], **variables) == wanted


def test_an_opened_library_with_an_executable_stack_is_an_error_in_the_words_of_glibc(glibc_lab):
    library = glibc_lab.library("libnested.so", source=CASES / "libnested.c")
    source = ('#include <dlfcn.h>\n#include <stdio.h>\nint main(int argc, char **argv) {\n'
              '  puts(dlopen(argv[argc - 1], RTLD_NOW) ? "opened" : dlerror());\n  return 3;\n}\n')
    program = glibc_lab.program("program", source=source, interpreter=glibc_lab.ours)
    found = glibc_lab.run_directly([program, library])
    assert found.stdout == f"{library}: cannot enable executable stack as shared object requires: Invalid argument\n"


MUSL_CASES = [stack_of_the_program, stack_of_a_library, text_of_a_library]


@pytest.fixture
def musl_lab(tmp_path):
    return Laboratory(tmp_path, "x86_64", libc="musl")


@pytest.fixture(params=["x86_64", "aarch64"])
def musl_place(request, tmp_path):
    """A laboratory with musl for each machine."""
    try:
        places.system_folder("musl", request.param)
    except places.RootUnavailable as reason:
        pytest.skip(str(reason))
    return Laboratory(tmp_path, request.param, libc="musl")


@pytest.mark.parametrize("variables", [{}, {"LD_SHOW_AUXV": "1", "LD_DEBUG": "libs"}], ids=["plain", "ignored-by-musl"])
@pytest.mark.parametrize("build", MUSL_CASES)
def test_a_program_of_musls_runs_as_under_musls_loader(musl_place, build, variables):
    folder = places.system_folder("musl", musl_place.machine)
    musl = places.interpreter("musl", musl_place.machine)
    program = build(musl_place, musl)
    wanted = musl_place.run_directly([program, "x"], KEPT="1", **variables)  # musl makes no stack executable
    found = musl_place.run_directly([build(musl_place, musl_place.ours), "x"], KEPT="1", **variables)
    as_command = [musl_place.run_directly([loader, build(musl_place, musl), "x"], KEPT="1", **variables)
                  for loader in (f"{folder or ''}{musl}", musl_place.ours)]
    if variables:  # ours prints what it is asked for, and once
        assert "AT_PHDR:" not in wanted.stdout
        for outcome in (found, as_command[1]):
            assert outcome.stdout.count("AT_PHDR:") == 1, outcome
            assert outcome.stderr.count("find library=libnested.so") == (build is stack_of_a_library), outcome
    else:
        assert found == wanted
        assert as_command[1] == as_command[0]


def test_musl_audits_nothing(musl_lab):
    library = musl_lab.library("libs/libplain.so", source="int number(int base) { return base; }\n")
    program = needing(musl_lab, library, musl_lab.ours)
    found = musl_lab.run_directly([program], LD_AUDIT="/nowhere.so", LDSEAL_DEBUG="seal")
    assert found.status == STATUS and not TAKES_OVER.search(found.stderr), found


HUGE = 5 << 30  # bytes of thread-local storage: more than ld-seal lays out
LITTLE_ROOM = ["/bin/sh", "-c", 'ulimit -v 2000000 && exec "$0"']  # so that nobody fills it


def test_a_limit_of_ours_is_left_to_libcs_own_loader(glibc_lab):
    source = f"__thread char block[{HUGE}];\nint number(int base) {{ return base + block[base]; }}\n"
    library = glibc_lab.library("libs/libhuge.so", source=source)
    wanted = glibc_lab.run_directly([*LITTLE_ROOM, needing(glibc_lab, library, None)])
    program = needing(glibc_lab, library, glibc_lab.ours)
    assert "cannot allocate TLS data structures" in wanted.stderr, wanted
    assert glibc_lab.run_directly([*LITTLE_ROOM, program]) == wanted
    found = glibc_lab.run_directly([*LITTLE_ROOM, program], LDSEAL_DEBUG="seal")
    assert reason(found).endswith("PT_TLS p_memsz 0x140000000 is too large, limit 0x100000000"), found


@pytest.fixture
def privileged(nobodys_lab):
    """Makes the two set-user-ID programs of a shape, one for each loader."""
    lab = Laboratory(nobodys_lab.folder, "x86_64", libc="glibc")
    ours = lab.copied_loader()

    def make(build):
        pair = []
        for name, interpreter in (("theirs", None), ("ours", ours)):
            program = build(lab, interpreter)
            kept = lab.path(f"{name}/program")
            os.rename(program, kept)
            kept.chmod(0o4755)
            pair.append(kept)
        return lab, *pair

    return make


def plain(lab, interpreter):
    return needing(lab, lab.library("libs/libplain.so", source="int number(int base) { return base; }\n"), interpreter)


def as_nobody(lab, program, **environment):
    words = [f"{name}={value}" for name, value in environment.items()]
    return lab.run_directly([*AS_NOBODY, "/usr/bin/env", "-i", *words, program])


@pytest.mark.parametrize("build", [stack_of_the_program, text_of_a_library])
def test_a_privileged_program_gains_nothing_from_its_caller(privileged, build):
    lab, theirs, ours = privileged(build)
    other = lab.library("other/libtext.so", source="int number(int base) { return -1; }\n")
    variables = dict(LD_LIBRARY_PATH=str(other.parent), LD_PRELOAD=str(other), LD_AUDIT=str(auditor(lab)), LDSEAL="off",
                     LDSEAL_DEBUG="seal", LD_DEBUG="all", KEPT="1", GLIBC_TUNABLES="glibc.malloc.check=3")
    wanted = as_nobody(lab, theirs, KEPT="1")
    found = as_nobody(lab, ours, **variables)
    assert "secure: 1" in wanted.stdout and wanted.status == STATUS, wanted
    assert found == wanted


SYSTEM_FOLDER = "/usr/lib/x86_64-linux-gnu"


@pytest.mark.parametrize("build", [stack_of_the_program, text_of_a_library])
def test_a_privileged_program_has_the_preloads_that_glibc_trusts(privileged, build):
    lab, theirs, ours = privileged(build)
    preload = lab.library("trusted/libtrusted.so", source=CASES / "libtrusted.c")
    with_folder = ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                   f'mount -t overlay overlay -o "$0" {SYSTEM_FOLDER} && exec "$@"', f"lowerdir={preload.parent}:{SYSTEM_FOLDER}"]

    refused = lab.run_directly([*with_folder, "true"])
    if refused.status != 0:
        pytest.skip(f"no overlay: {refused.stderr.strip()}")

    def start(program, *variables):
        return lab.run_directly([*with_folder, *AS_NOBODY, "/usr/bin/env", "-i", *variables, program])

    seen = set()
    for mode in (0o4755, 0o755):
        preload.chmod(mode)
        for value in ("libtrusted.so", preload, f"libgone.so:{preload.name}", f"{SYSTEM_FOLDER}/{preload.name}", "", f"x{'y' * 300}"):
            variables = ["A=1", f"LD_PRELOAD={value}", "LD_LIBRARY_PATH=/nowhere", f"LDSEAL_PRELOAD={value}", "KEPT=1"]
            wanted = start(theirs, *(word for word in variables if not word.startswith("LDSEAL")))
            assert wanted.status == STATUS and "secure: 1" in wanted.stdout, wanted
            assert start(ours, *variables) == wanted
            seen.add("trusted is here" in wanted.stdout)
    assert seen == {True, False}


@pytest.mark.parametrize("variable", ["LD_AUDIT", "LD_PROFILE"])
def test_the_caller_of_a_privileged_program_cannot_make_it_give_way(privileged, variable):
    lab, theirs, ours = privileged(plain)
    wanted = as_nobody(lab, theirs, KEPT="1")
    found = as_nobody(lab, ours, KEPT="1", **{variable: str(auditor(lab))})
    assert found == wanted and "secure: 1" in wanted.stdout
