"""What `sealctl check` says is what a start under ld-seal then does, by the loader's own trace."""

import random
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
