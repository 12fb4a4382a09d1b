"""`sealctl adopt PROGRAM` and `sealctl release PROGRAM`: nothing of a program changes but its loader's name."""

import contextlib
import os
import subprocess

import pytest

from made_root import (LIBC_NAME, NET_RAW, SEALCTL, SEAL_NAME, STATE, compile_program, differences, fingerprint,
                       in_root, interpreter, sealctl)
from process import run

SETUID_ROOT = 0o4755


@pytest.fixture
def program(root):
    return compile_program(root / "usr/bin/program")


def adopt(root, *words):
    return sealctl("adopt", *words, root=root)


def release(root, *words):
    return sealctl("release", *words, root=root)


def adopted_and_released(root, *paths):
    """Adopts, checks that only the bytes changed, releases, checks that nothing did."""
    before = fingerprint(root)
    adopted = adopt(root, *paths)
    assert (adopted.status, adopted.err) == (0, ""), adopted
    changed = differences(before, fingerprint(root))
    for path, (old, new) in changed.items():
        assert {key for key in old if old[key] != new[key]} == {"bytes"}, path
        assert interpreter(root / path) == SEAL_NAME
    assert sealctl("status", root=root).status == 0
    released = release(root, *paths)
    assert (released.status, released.err) == (0, ""), released
    assert differences(before, fingerprint(root)) == {}
    return changed


def test_an_adopted_program_runs_under_ld_seal_and_back(root, program):
    inode = program.stat().st_ino
    assert set(adopted_and_released(root, "/usr/bin/program")) == {"usr/bin/program"}
    assert program.stat().st_ino == inode
    assert adopt(root, "/usr/bin/program").status == 0
    assert in_root(root, "/usr/bin/program").out == "works\n"
    (root / "usr/lib64/ld-seal-x86_64.so.1").unlink()
    assert in_root(root, "/usr/bin/program").status != 0, "it is ld-seal that starts it"


@pytest.mark.parametrize("mode", [0o755, SETUID_ROOT, 0o2755, 0o6711, 0o700, 0o500])
def test_the_mode_stays(root, program, mode):
    program.chmod(mode)
    adopted_and_released(root, "/usr/bin/program")
    assert program.stat().st_mode & 0o7777 == mode


@pytest.mark.parametrize("owner", [(0, 0), (1234, 1234)])
def test_capabilities_owner_and_set_user_id_stay(root, program, owner):
    os.chown(program, *owner)
    program.chmod(0o4755)
    os.setxattr(program, "security.capability", NET_RAW)
    os.setxattr(program, "user.note", b"kept")
    assert set(adopted_and_released(root, "/usr/bin/program")) == {"usr/bin/program"}


def test_all_names_of_a_file_are_adopted_at_once(root, program):
    other = root / "usr/sbin/other"
    os.link(program, other)
    assert set(adopted_and_released(root, "/usr/bin/program")) == {"usr/bin/program", "usr/sbin/other"}
    assert program.samefile(other)


def test_two_names_of_a_file_can_both_be_named(root, program):
    os.link(program, root / "usr/bin/other")
    adopted_and_released(root, "/usr/bin/program", "/usr/bin/other")


@contextlib.contextmanager
def running(program):
    process = subprocess.Popen([program, "1000"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        process.stdin.write(b"started\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"started\n"
        yield process
        assert process.poll() is None, "it still runs"
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def reader(root, tmp_path):
    """A program that reads what it is given, so that it is known to run."""
    source = ('#include <stdio.h>\n'
              'int main(void) { char s[80]; while (fgets(s, 80, stdin)) fputs(s, stdout), fflush(stdout); }\n')
    path = root / "usr/bin/reader"
    done = run(["gcc", "-x", "c", "-", "-o", path], stdin=source)
    assert done.status == 0, done
    return path


def test_a_running_program_is_exchanged_with_everything_it_has(root, reader):
    reader.chmod(0o4755)
    os.setxattr(reader, "security.capability", NET_RAW)
    os.setxattr(reader, "user.note", b"kept")
    with running(reader):
        adopted_and_released(root, "/usr/bin/reader")
    assert sorted(os.listdir(root / "usr/bin")) == ["cat", "reader", "true"]


def test_all_names_of_a_running_program_stay_one_file(root, reader):
    other = root / "usr/bin/other"
    os.link(reader, other)
    with running(reader):
        assert set(adopted_and_released(root, "/usr/bin/reader")) == {"usr/bin/reader", "usr/bin/other"}
    assert reader.samefile(other)


def test_a_running_program_with_a_name_elsewhere_is_refused(root, reader):
    os.link(reader, root / "usr/sbin/other")
    before = fingerprint(root)
    with running(reader):
        result = adopt(root, "/usr/bin/reader")
    assert (result.status, result.err) == (1, f"sealctl: {root}/usr/bin/reader: cannot be changed in place while it "
                                              "runs, and only 1 of its 2 names (hard links) are in its folder\n")
    assert differences(before, fingerprint(root)) == {}
    assert sealctl("status", root=root).out.endswith("programs: 0 of 0 adopted\n")


def refused(root, path, reason, status=1):
    before = fingerprint(root)
    result = adopt(root, path)
    assert (result.status, result.out, result.err) == (status, "", f"sealctl: {root}{path}: {reason}\n")
    assert differences(before, fingerprint(root)) == {}


def test_an_immutable_program_is_refused(root, program):
    assert run(["chattr", "+i", program]).status == 0
    try:
        refused(root, "/usr/bin/program", "is immutable: chattr -i permits the change")
    finally:
        assert run(["chattr", "-i", program]).status == 0


def test_an_append_only_program_is_refused(root, program):
    assert run(["chattr", "+a", program]).status == 0
    try:
        refused(root, "/usr/bin/program", "is append-only: chattr -a permits the change")
    finally:
        assert run(["chattr", "-a", program]).status == 0


def in_mounts(script, *words):
    """Runs a shell script, which may mount what it likes, where the rest of the machine does not see it."""
    return run(["unshare", "--mount", "sh", "-ec", script, "sh", *words])


def test_a_program_on_a_read_only_mount_is_refused(root, program):
    result = in_mounts('mount --bind "$1/usr" "$1/usr"; mount -o remount,bind,ro "$1/usr"; '
                       '"$2" adopt --root "$1" /usr/bin/program',
                       root, SEALCTL)
    assert (result.status, result.err) == (1, f"sealctl: {root}/usr/bin/program: is on a file system that is "
                                              "read-only here\n")


OVERLAY = ('mkdir "$3/up" "$3/work" "$3/root"; '
           'mount -t overlay -o "lowerdir=$1,upperdir=$3/up,workdir=$3/work" overlay "$3/root"; '
           '"$2" adopt --root "$3/root" /usr/bin/program; chroot "$3/root" /usr/bin/program; '
           '"$2" status --root "$3/root"; "$2" release --root "$3/root" /usr/bin/program; '
           'cmp "$1/usr/bin/program" "$3/root/usr/bin/program"; stat -c "%y %a" "$1/usr/bin/program" '
           '"$3/root/usr/bin/program"')


def test_a_program_on_an_overlay_is_adopted_in_the_upper_layer(root, program, tmp_path):
    result = in_mounts(OVERLAY, root, SEALCTL, tmp_path)
    assert result.status == 0, result
    assert "works\n" in result.out and "programs: 1 of 1 adopted" in result.out
    *_, lower, upper = result.out.splitlines()
    assert lower == upper


def test_hard_links_on_an_overlay_are_refused(root, program, tmp_path):
    os.link(program, root / "usr/bin/other")
    result = in_mounts(OVERLAY, root, SEALCTL, tmp_path)
    assert (result.status, result.err) == (1, f"sealctl: {tmp_path}/root/usr/bin/program: has 2 names (hard links) on "
                                              "an overlay file system, which a write would part\n")


def cut_off(path):
    path.write_bytes(compile_program(path).read_bytes()[:100])


NOT_ADOPTED = {
    "a static program": (lambda path: compile_program(path, "-static"),
                         "is not dynamic: it has no PT_INTERP, so no loader starts it"),
    "another loader": (lambda path: compile_program(path, "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1"),
                       "is for another loader: PT_INTERP is /lib/ld-musl-x86_64.so.1 instead of "
                       "/lib64/ld-linux-x86-64.so.2"),
    "a script": (lambda path: path.write_text("#! /usr/bin/perl -w\nprint 1;\n"),
                 "is a script: adopt what runs it, /usr/bin/perl -w"),
    "text": (lambda path: path.write_text("text\n"), "is not an ELF file"),
    "an empty file": (lambda path: path.touch(), "is not an ELF file"),
    "a cut off file": (cut_off, "is a damaged ELF file: program headers of 0x2d8 bytes at 0x40 ends behind the file"),
    "a folder's pipe": (os.mkfifo, "is not a regular file"),
}


@pytest.mark.parametrize("make, reason", NOT_ADOPTED.values(), ids=NOT_ADOPTED)
def test_what_is_not_adopted_has_its_exact_reason(root, make, reason):
    make(root / "usr/bin/it")
    refused(root, "/usr/bin/it", reason)


def test_a_program_for_another_machine_is_refused(root):
    program = compile_program(root / "usr/bin/it")
    data = bytearray(program.read_bytes())
    data[18:20] = (243).to_bytes(2, "little")
    program.write_bytes(data)
    refused(root, "/usr/bin/it", "is for another machine: e_machine is 243 instead of 62 or 183")
    data[4] = 1
    program.write_bytes(data)
    refused(root, "/usr/bin/it", "is for another machine: e_ident has class 1 and data 1 instead of 2 and 1")


@pytest.mark.parametrize("path, reason", [
    ("/lib/x86_64-linux-gnu/libc.so.6", "is libc itself: libc.so.6; ld-seal starts programs, not libc"),
    ("/lib64/ld-linux-x86-64.so.2", "is a loader: ld-linux-x86-64.so.2"),
    ("/lib64/ld-seal-x86_64.so.1", "is a loader: ld-seal-x86_64.so.1"),
    ("/usr/bin/nothing", "cannot open: No such file or directory"),
])
def test_loaders_and_libc_are_refused(root, path, reason):
    refused(root, path, reason)


def test_a_program_linked_to_ld_seal_stays_so(root):
    compile_program(root / "usr/bin/it", f"-Wl,--dynamic-linker={SEAL_NAME}")
    result = adopt(root, "/usr/bin/it")
    assert (result.status, result.out) == (0, f"{root}/usr/bin/it: was linked to ld-seal: nothing to adopt\n")
    result = release(root, "/usr/bin/it")
    assert (result.status, result.err) == (1, f"sealctl: {root}/usr/bin/it: is not adopted: it is not in the record\n")


def test_adopting_twice_is_adopting_once(root, program):
    adopt(root, "/usr/bin/program")
    once = fingerprint(root)
    result = adopt(root, "/usr/bin/program")
    assert (result.status, result.out) == (0, f"{root}/usr/bin/program: is adopted already\n")
    assert differences(once, fingerprint(root)) == {}
    assert release(root, "/usr/bin/program").out == "released 1 program\n"


def test_without_ld_seal_nothing_is_adopted(root, program):
    (root / "usr/lib64/ld-seal-x86_64.so.1").unlink()
    refused(root, "/usr/bin/program", f"the loader {root}{SEAL_NAME}: cannot open: No such file or directory")


def test_a_loader_that_others_may_change_is_not_used(root, program):
    (root / "usr/lib/x86_64-linux-gnu/ld-seal-x86_64.so.1").chmod(0o775)
    refused(root, "/usr/bin/program", f"the loader {root}{SEAL_NAME}: user 0, mode 0775: "
                                      "others than root may change it")


def test_a_folder_stands_for_the_programs_in_it(root, program):
    result = adopt(root, "/usr/bin", "--exclude", "c*", "--exclude", "/usr/*/true")
    assert (result.status, result.out, result.err) == (0, "adopted 1 program\n", "")
    assert interpreter(program) == SEAL_NAME
    assert interpreter(root / "usr/bin/cat") == interpreter(root / "usr/bin/true") == LIBC_NAME
    assert release(root, "--all").status == 0
    assert interpreter(program) == LIBC_NAME


def test_a_dry_run_changes_nothing(root, program):
    before = fingerprint(root)
    result = adopt(root, "--dry-run", "/usr/bin")
    assert result.status == 0
    names = ("cat", "program", "true")
    assert sorted(result.out.splitlines()) == [f"would adopt {root}/usr/bin/{name}" for name in names]
    assert differences(before, fingerprint(root)) == {}
    assert not (root / STATE).exists()
    adopt(root, "/usr/bin/program")
    before = fingerprint(root)
    assert release(root, "--dry-run", "/usr/bin/program").out == f"would release {root}/usr/bin/program\n"
    assert differences(before, fingerprint(root)) == {}


def test_a_program_that_an_upgrade_replaced_is_adopted_again(root, program):
    adopt(root, "/usr/bin/program", "/usr/bin/cat")
    compile_program(root / "usr/bin/new", text="newer")
    os.rename(root / "usr/bin/new", program)
    (root / "usr/bin/cat").unlink()
    status = sealctl("status", root=root)
    assert status.status == 1
    assert status.out.splitlines()[1:] == [
        "programs: 0 of 2 adopted",
        f"{root}/usr/bin/program: replaced: an upgrade did: run `sealctl adopt --again`",
        f"{root}/usr/bin/cat: lost: the file is gone: `sealctl adopt --again` forgets it"]
    again = adopt(root)
    assert (again.status, again.out) == (0, f"{root}/usr/bin/cat: is gone, and forgotten\nadopted 1 program\n")
    assert in_root(root, "/usr/bin/program").out == "newer\n"
    assert interpreter(program) == SEAL_NAME
    assert sealctl("status", root=root).status == 0


def test_a_replaced_program_needs_no_release(root, program):
    adopt(root, "/usr/bin/program")
    compile_program(root / "usr/bin/new", text="newer")
    os.rename(root / "usr/bin/new", program)
    before = fingerprint(root)
    assert release(root, "--all").status == 0
    assert differences(before, fingerprint(root)) == {}
    assert sealctl("status", root=root).out.endswith("programs: 0 of 0 adopted\n")


@pytest.mark.parametrize("words, line", [
    (["release"], "PROGRAM, --system or --all is missing; --help shows usage"),
    (["adopt", "--fast"], "--fast: unknown subcommand or option; --help lists what there is"),
    (["status", "program"], "program: unknown subcommand or option; --help lists what there is"),
    (["adopt", ""], "PROGRAM: is empty; --help shows usage"),
])
def test_a_wrong_command_line_gives_2(words, line):
    result = run([SEALCTL, *words])
    assert (result.status, result.out, result.err) == (2, "", f"sealctl: {line}\n")


def test_other_users_are_not_permitted(root, program):
    result = run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", SEALCTL, "adopt", "--root",
                  root, "/usr/bin/program"], cwd="/")
    assert result.status == 3, result
    assert result.err.count("\n") == 1 and "Permission denied" in result.err
