"""What `sealctl check` says is what a start under ld-seal then does, by the loader's own trace."""

import contextlib
import random
import resource
import shutil
from pathlib import Path

import pytest

from check_tools import ENDS, USES_LIBRARY, WRITABLE_CODE, Plan, build, build_library, check, rules, seen

FOLDERS = ("/usr/bin", "/usr/sbin")
SAMPLE = 60


@pytest.fixture(scope="module")
def ending(folder):
    return build_library(folder / "libending.so", "-Wl,-z,initfirst", text=ENDS)


def programs():
    """What is checked and can be started here: dynamic programs of glibc that are files of their own."""
    _, document = check(*FOLDERS, timeout=300)
    files = {file["path"]: file for file in document["files"]}
    return {path: file for path, file in files.items()
            if file["kind"] == "program" and file["interpreter"] == "/lib64/ld-linux-x86-64.so.2"}


def difference(path, file, ending):
    """What check says and the start does not do; None if they agree."""
    plan = Plan(path, ending)
    said = file["outcome"]
    if plan.outcome() != said:
        return f"{path}: said {said}, is {plan.outcome()}: {rules(file)}\n{plan.text[-600:]}"
    if said == "fails" and file["reasons"][0]["text"] not in plan.text:
        return f"{path}: said {file['reasons'][0]['text']}, is {plan.text[-600:]}"
    if said not in ("sealed", "partly"):
        return None
    bare = {Path(reason["object"]).resolve() for reason in file["reasons"] if reason["rule"] == "no-relro"}
    if bare - plan.without_relro():
        return f"{path}: said without RELRO: {bare}, is {plan.without_relro()}"
    if len(plan.objects()) != file["objects"]:
        return f"{path}: said {file['objects']} objects, are {sorted(map(str, plan.objects()))}"
    return None


def differences(chosen, ending):
    return [found for path, file in chosen.items() if (found := difference(path, file, ending))]


def test_a_sample_of_the_systems_programs_is_treated_as_said(ending):
    found = programs()
    names = random.Random(1).sample(sorted(found), min(SAMPLE, len(found)))
    assert len(names) == SAMPLE
    assert differences({name: found[name] for name in names}, ending) == []


@pytest.mark.long
@pytest.mark.slow
def test_every_program_of_the_system_is_treated_as_said(ending):
    assert differences(programs(), ending) == []


@pytest.mark.parametrize("name, flags", [
    ("full", ["-Wl,-z,relro,-z,now"]), ("lazy", ["-Wl,-z,relro,-z,lazy"]), ("norelro", ["-Wl,-z,norelro"]),
    ("norelro-lazy", ["-Wl,-z,norelro,-z,lazy"]), ("execstack", ["-z", "execstack"]), ("fixed", ["-no-pie"]),
    ("fixed-lazy", ["-no-pie", "-Wl,-z,lazy"]), ("audited", ["-Wl,--audit=libaudit.so.1"]),
])
def test_a_made_program_is_treated_as_said(tmp_path, ending, name, flags):
    program = build(tmp_path / name, *flags)
    assert difference(str(program), seen(program), ending) is None


def test_a_program_with_writable_code_is_treated_as_said(tmp_path, ending):
    program = build(tmp_path / "rwx", "-w", text=WRITABLE_CODE)
    assert rules(seen(program)) == ["writable-code"]
    assert difference(str(program), seen(program), ending) is None


@pytest.mark.parametrize("name, flags", [
    ("norelro", ["-Wl,-z,norelro"]), ("execstack", ["-z", "execstack"]), ("lazy", ["-Wl,-z,lazy"]),
    ("gone", None),
])
def test_a_made_library_is_treated_as_said(tmp_path, ending, name, flags):
    library = build_library(tmp_path / f"lib{name}.so", *(flags or []))
    program = build(tmp_path / "user", library, "-Wl,-rpath,$ORIGIN", text=USES_LIBRARY)
    if flags is None:
        library.unlink()
    assert difference(str(program), seen(program), ending) is None


def test_a_program_whose_stubs_are_unknown_is_treated_as_said(tmp_path, ending):
    """lld's retpolines have a shape that ld-seal does not know."""
    if shutil.which("clang") is None:
        pytest.skip("no clang")
    program = build(tmp_path / "retpolines", "-fuse-ld=lld", "-Wl,-z,retpolineplt", "-Wl,-z,lazy", compiler="clang")
    assert rules(seen(program)) == ["call-slots"]
    assert difference(str(program), seen(program), ending) is None


BOTH = "int value = 3;\nint other(void) { return 1; }\nint function(void) { return value; }\n"
USES_VALUE = "extern int value;\nint function(void);\nint main(void) { return value + function(); }\n"
NEEDS_MORE = "int more(void);\nint function(void) { return more(); }\n"


def uses(tmp_path, before, after, *, text=USES_LIBRARY, flags=(), scripts=(None, None)):
    """A program that is linked with a library; the library is then built anew from another text."""
    program = None
    for library_text, script in zip((before, after), scripts):
        versions = tmp_path / "versions"
        versions.write_text(script or "")
        more = [f"-Wl,--version-script={versions}"] if script else []
        library = build_library(tmp_path / "libused.so", *more, text=library_text)
        program = program or build(tmp_path / "user", library, "-Wl,-rpath,$ORIGIN", *flags, text=text)
    return program


@pytest.mark.parametrize("text, flags, after, rule", [
    (USES_LIBRARY, [], BOTH.replace("function", "gone"), "missing-symbol"),
    (USES_LIBRARY, ["-Wl,-z,lazy"], BOTH.replace("function", "gone"), "missing-symbol"),
    (USES_VALUE, [], BOTH.replace("value", "gone"), "missing-symbol"),
    (USES_VALUE, ["-no-pie"], BOTH.replace("value", "gone"), "missing-symbol"),
    (USES_LIBRARY, [], NEEDS_MORE, "missing-symbol"),
    (USES_LIBRARY.replace("int function", "__attribute__((weak)) int function").replace(
        "return function()", "return function ? function() : 0"), [], BOTH.replace("function", "gone"), None),
    (USES_LIBRARY, [], NEEDS_MORE.replace("int more", "__attribute__((weak)) int more"), None),
    ("int ldseal_reseal(void);\n" + USES_LIBRARY.replace("return", "return ldseal_reseal() +"),
     ["-Wl,--unresolved-symbols=ignore-all"], BOTH, None),
], ids=["function", "lazy", "data", "copied", "of-library", "weak", "weak-of-library", "of-ld-seal"])
def test_a_program_whose_symbol_is_missing_is_treated_as_said(tmp_path, ending, text, flags, after, rule):
    program = uses(tmp_path, BOTH, after, text=text, flags=flags)
    file = seen(program)
    assert rules(file) == ([rule] if rule else []), file
    assert difference(str(program), file, ending) is None
    if rule:
        assert file["reasons"][0]["object"] == str(tmp_path / "libused.so" if after == NEEDS_MORE else program)


@pytest.mark.parametrize("after, rule", [
    ("TWO { global: function; other; value; };\n", "missing-version"),
    ("ONE { global: other; };\nTWO { global: function; value; };\n", "missing-symbol"),
    ("ONE { global: function; value; };\nTWO { global: other; };\n", None),
], ids=["version", "symbol-in-version", "other-symbol-in-version"])
def test_a_program_whose_version_is_missing_is_treated_as_said(tmp_path, ending, after, rule):
    program = uses(tmp_path, BOTH, BOTH, scripts=("ONE { global: function; other; value; };\n", after))
    file = seen(program)
    assert rules(file) == ([rule] if rule else []), file
    assert difference(str(program), file, ending) is None


def test_a_symbol_that_only_one_of_two_programs_defines_is_missing_in_the_other(tmp_path, ending):
    """What is remembered of a library holds where the same objects are there, and else it does not."""
    library = build_library(tmp_path / "libused.so", text=NEEDS_MORE)
    flags = [library, "-Wl,-rpath,$ORIGIN", "-Wl,--unresolved-symbols=ignore-all", "-rdynamic"]
    build(tmp_path / "a-has", *flags, text=USES_LIBRARY + "int more(void) { return 0; }\n")
    build(tmp_path / "b-lacks", *flags, text=USES_LIBRARY)
    build(tmp_path / "c-has", *flags, text=USES_LIBRARY + "int more(void) { return 0; }\n")
    _, document = check("--all", tmp_path)
    files = {Path(file["path"]).name: file for file in document["files"]}
    assert {name: rules(file) for name, file in files.items()} == {
        "a-has": [], "b-lacks": ["missing-symbol"], "c-has": [], "libused.so": []}
    assert differences({file["path"]: file for file in files.values() if file["kind"] == "program"}, ending) == []


# Says that level 5 is needed, which no processor has: NT_GNU_PROPERTY_TYPE_0, GNU_PROPERTY_X86_ISA_1_NEEDED.
LEVEL_5 = """__asm__(".section .note.gnu.property, \\"a\\"\\n.balign 8\\n.long 4, 16, 5\\n.asciz \\"GNU\\"\\n"
        ".long 0xc0008002, 4, 16, 0\\n.text\\n");
"""


@pytest.mark.parametrize("where", ["program", "library"])
def test_what_needs_another_processor_is_treated_as_said(tmp_path, ending, where):
    library = LEVEL_5 + BOTH if where == "library" else BOTH
    program = uses(tmp_path, library, library, text=LEVEL_5 + USES_LIBRARY if where == "program" else USES_LIBRARY)
    file = seen(program)
    assert (file["outcome"], rules(file)) == ("fails", ["processor"])
    assert difference(str(program), file, ending) is None


@contextlib.contextmanager
def at_most_memory(size):
    """libc's rtld would fill all of it with zeroes."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_more_thread_local_storage_than_can_be_laid_out_is_treated_as_said(tmp_path, ending):
    large = "__thread char large[5UL << 30];\nint function(void) { return large[7]; }\n"
    program = uses(tmp_path, large, large)
    file = seen(program)
    assert (file["outcome"], rules(file)) == ("gives-way", ["large-tls"])
    with at_most_memory(3 << 30):
        assert difference(str(program), file, ending) is None


def test_much_thread_local_storage_is_treated_as_said(tmp_path, ending):
    large = "__thread char large[64 << 20];\nint function(void) { return large[7]; }\n"
    program = uses(tmp_path, large, large)
    assert difference(str(program), seen(program), ending) is None
