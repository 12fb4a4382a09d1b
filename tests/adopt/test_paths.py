"""No symbolic link of a root leads sealctl out of it, and nothing that others may write is trusted."""

import os
import shutil
import subprocess

import pytest

from made_root import (LIBC_NAME, LIBRARIES, SEALCTL, SEAL_NAME, STATE, compile_program, differences, fingerprint,
                       interpreter, sealctl)
from process import run


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    compile_program(folder / "program")
    return folder


def untouched(folder, act):
    before = fingerprint(folder)
    result = act()
    assert differences(before, fingerprint(folder)) == {}
    return result


@pytest.mark.parametrize("target", ["{outside}/program", "../../../outside/program", "/../../../outside/program"])
def test_a_link_to_a_program_outside_is_not_followed(root, outside, target):
    (root / "usr/bin/it").symlink_to(target.format(outside=outside))
    result = untouched(outside, lambda: sealctl("adopt", "/usr/bin/it", root=root))
    assert (result.status, result.err) == (1, f"sealctl: {root}/usr/bin/it: cannot open: No such file or directory\n")


@pytest.mark.parametrize("path", ["/../outside/program", "../outside/program", "/usr/bin/../../../outside/program"])
def test_dots_do_not_lead_outside(root, outside, path):
    result = untouched(outside, lambda: sealctl("adopt", path, root=root))
    assert result.status == 1 and "No such file or directory" in result.err


def test_a_link_inside_leads_to_the_real_file(root):
    program = compile_program(root / "usr/bin/program")
    (root / "etc/program").symlink_to("/usr/bin/program")
    (root / "usr/bin/it").symlink_to("/etc/program")
    assert sealctl("adopt", "/bin/it", root=root).out == "adopted 1 program\n"
    assert interpreter(program) == SEAL_NAME
    assert '"path":"/usr/bin/program"' in (root / STATE / "programs.json").read_text()
    assert sealctl("release", "/bin/it", root=root).out == "released 1 program\n"


@pytest.mark.parametrize("folder", ["var", "var/lib", "var/lib/dpkg", "lib64", "usr"])
def test_a_folder_that_leads_outside_is_none(root, outside, folder):
    """The target exists outside and is complete, so following it would work, there."""
    away = outside / "away"
    if (root / folder).is_symlink():
        shutil.copytree(root / "usr/lib64", away, symlinks=True)
        (root / folder).unlink()
    else:
        (root / folder).rename(away)
    (root / folder).symlink_to(away)
    untouched(outside, lambda: sealctl("adopt", "--system", root=root))
    untouched(outside, lambda: sealctl("adopt", "/usr/bin/cat", root=root))
    untouched(outside, lambda: sealctl("release", "--all", root=root))


def test_files_of_the_record_that_are_links_are_not_followed(root, outside):
    (root / STATE).mkdir(mode=0o755)
    victim = outside / "victim"
    victim.write_text("kept")
    for name in ("programs.json.ldseal-new", "lock", "programs.json"):
        (root / STATE / name).unlink(missing_ok=True)
        (root / STATE / name).symlink_to(victim)
        result = untouched(outside, lambda: sealctl("adopt", "/usr/bin/cat", root=root))
        assert victim.read_text() == "kept"
        if name != "programs.json.ldseal-new":
            assert result.status == 1 and "Too many levels of symbolic links" in result.err
        (root / STATE / name).unlink(missing_ok=True)


def test_a_copy_that_is_a_link_is_not_followed(root, outside):
    """The temporary names of an exchange, taken by another before."""
    victim = outside / "victim"
    victim.write_text("kept")
    (root / "usr/bin/.ldseal-copy").symlink_to(victim)
    os.chown(root / "usr/bin/cat", 1234, 1234)
    (root / "usr/bin/cat").chmod(0o4755)
    assert sealctl("adopt", "/usr/bin/cat", root=root).status == 0
    assert victim.read_text() == "kept"


def test_a_record_that_others_may_write_is_not_believed(root):
    (root / STATE).mkdir()
    (root / STATE).chmod(0o777)
    result = sealctl("adopt", "/usr/bin/cat", root=root)
    assert (result.status, result.err) == (1, f"sealctl: {root}/{STATE}: user 0, mode 0777: others than root may write "
                                              "there\n")


@pytest.mark.parametrize("change, reason", [
    (('"schema":1', '"schema":2'), "schema is 2 instead of 1"),
    (('"step":"adopted"', '"step":"done"'), 'step is "done"'),
    (('"machine":"x86_64"', '"machine":"vax"'), 'machine is "vax"'),
    (('"path":"/usr', '"path":"usr'), 'path is "usr/bin/cat"'),
    (('"names":[]', '"names":["../x"]'), "names: no file name"),
    (("]}", ""), "[json.exception.parse_error"),
])
def test_a_damaged_record_is_said(root, change, reason):
    sealctl("adopt", "/usr/bin/cat", root=root)
    record = root / STATE / "programs.json"
    record.write_text(record.read_text().replace(*change))
    for command in (("status",), ("adopt", "/usr/bin/true"), ("release", "--all")):
        result = sealctl(*command, root=root)
        assert result.status == 1
        assert result.err.startswith(f"sealctl: {record}: is damaged: {reason}") and result.err.count("\n") == 1


def test_two_at_once_wait_for_each_other(root):
    names = [f"program{number}" for number in range(8)]
    for name in names:
        compile_program(root / "usr/bin" / name)
    started = [subprocess.Popen([SEALCTL, "adopt", "--root", root, f"/usr/bin/{name}"], stdout=subprocess.PIPE)
               for name in names]
    outputs = [process.communicate(timeout=60)[0] for process in started]
    assert outputs == [b"adopted 1 program\n"] * len(names)
    assert sealctl("status", root=root).out.endswith(f"programs: {len(names)} of {len(names)} adopted\n")


def test_a_root_that_is_missing_is_said(tmp_path):
    result = sealctl("status", root=tmp_path / "no")
    assert (result.status, result.err) == (1, f"sealctl: {tmp_path}/no: cannot open: No such file or directory\n")


def test_the_kernel_without_openat2_serves_no_other_root(root, tmp_path):
    """strace answers ENOSYS for it, as an old kernel does."""
    trace = ["strace", "-qq", "-o", tmp_path / "log", "-e", "inject=openat2:error=ENOSYS"]
    result = run([*trace, SEALCTL, "status", "--root", root])
    assert (result.status, result.err) == (1, f"sealctl: {root}: --root needs openat2, which is in Linux since 5.6: "
                                              "Function not implemented\n")
    assert run([*trace, SEALCTL, "status"]).out == run([SEALCTL, "status"]).out != ""


def test_the_libraries_folder_is_not_a_loader(root):
    assert (root / LIBRARIES[1:]).is_dir()
    result = sealctl("adopt", LIBC_NAME + "/x", root=root)
    assert result.status == 1 and "Not a directory" in result.err
