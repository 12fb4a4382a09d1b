"""`sealctl doctor`: each finding is produced by a root, or a kernel, that has exactly that fault."""

import errno
import json
import os
import re
import shutil
import socket
from pathlib import Path

import pytest

from loaders import loader
from surveyed_root import HOOK, LIBRARIES, LOADER, UNITS, add_systemd, add_unit, copy, cpio, make_root, write
from process import run
from sources import sources_of
from survey_tools import FINDING, FINE, NOT_PERMITTED, REFUSE, SEALCTL, SOURCES, USAGE, compile_program

DOCTOR_SOURCES = Path(SEALCTL).parents[2] / "tools/sealctl/doctor"
MADVISE, GUARD_INSTALL, MSEAL = 28, 102, 462
# Of the kernel that runs the tests, which can be as it wants.
KERNELS = {"proc-mem", "no-guards", "no-mseal"}

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="a root is entered by root")


@pytest.fixture
def root(tmp_path, static):
    tmp_path.chmod(0o755)
    return make_root(tmp_path / "root", static)


def doctor(*words, before=()):
    result = run([*before, SEALCTL, "doctor", "--json", *map(str, words)], timeout=120)
    assert result.status in (FINE, FINDING), result
    return result.status, json.loads(result.out)


def findings(root, before=()):
    """word -> finding, without those about the kernel."""
    status, document = doctor("--root", root, before=before)
    found = {finding["what"]: finding for finding in document["findings"] if finding["what"] not in KERNELS}
    assert document["ready"] is (status == FINE)
    assert document["ready"] is not any(finding["forbids"] for finding in document["findings"])
    assert all(finding["text"] and finding["do"] for finding in document["findings"])
    return found


def fact(root, area):
    _, document = doctor("--root", root)
    return [fact["text"] for fact in document["facts"] if fact["area"] == area]


def test_a_root_without_fault_is_ready(root):
    status, document = doctor("--root", root)
    assert findings(root) == {}
    assert (status, document["ready"], document["schema"]) == (FINE, True, 1)
    assert document["verdict"] == f"READY: sealctl adopt --system --root {root}"


def test_the_loader_was_tried_in_the_root(root):
    (text,) = fact(root, "loader")
    assert re.fullmatch(r"/lib64/ld-seal-x86_64\.so\.1 -> /usr/lib/x86_64-linux-gnu/ld-seal-x86_64\.so\.1  ld-seal\S* \(ldseal\) \S+"
                        r"  works \(ran /bin/true sealed: \d+ ranges; \d+ more can be loaded\)", text), text
    assert int(re.search(r"(\d+) ranges", text)[1]) > 5


def test_programs_of_a_root_get_no_privileges_and_stay_in_it(root, folder):
    """The root's /bin/true is a program that notes who it is; it must not be root, nor see this system."""
    source = folder / "who.c"
    source.write_text("#include <stdio.h>\n#include <unistd.h>\nint main(void) {\n"
                      'return getuid() == 0 || geteuid() == 0 || access("/proc", F_OK) == 0 ? 66 : 0; }\n')
    compile_program(root / "usr/bin/true", source)
    assert findings(root) == {}
    source.write_text("int main(void) { return 66; }\n")
    compile_program(root / "usr/bin/true", source)
    assert "exit status 66" in findings(root)["loader-fails"]["text"]


def remove(*names):
    def change(root):
        for name in names:
            (root / name).unlink()
    return change


def change_bytes(name, old, new):
    def change(root):
        data = (root / name).read_bytes()
        assert old in data and len(old) == len(new)
        (root / name).write_bytes(data.replace(old, new))
    return change


def unit(*lines):
    return lambda root: add_unit(root, "some.service", *lines)


def filtered(root):
    add_systemd(root, 252, knows_mseal=False)
    add_unit(root, "some.service", "SystemCallFilter=@system-service")


def move_loader(root):
    (root / "opt").mkdir()
    (root / "opt").chmod(0o755)
    (root / LOADER).rename(root / "opt/ld-seal-x86_64.so.1")
    (root / "usr/lib64/ld-seal-x86_64.so.1").unlink()
    (root / "usr/lib64/ld-seal-x86_64.so.1").symlink_to("/opt/ld-seal-x86_64.so.1")


def needs_missing_library(root):
    library = root / "libabsent.so"
    source = root / "empty.c"
    source.write_text("int absent(void) { return 0; }\n")
    compile_program(library, source, "-shared", "-fPIC", "-Wl,-soname,libabsent.so.1")
    source.write_text("int absent(void);\nint main(void) { return absent(); }\n")
    for number in range(4):  # beside three others, at least one of them is in the sample
        compile_program(root / f"usr/bin/needs{number}", source, library)
    library.unlink()


def executable_stack(root):
    compile_program(root / "usr/bin/trampoline", SOURCES / "waits.c", "-pthread", "-zexecstack")


def no_libc(root):
    for name in ("libc.so.6", "ld-linux-x86-64.so.2"):
        (root / LIBRARIES / name).unlink()


def other_machine(root):
    header = bytearray((root / "usr/bin/env").read_bytes())
    header[18:20] = (243).to_bytes(2, "little")  # EM_RISCV
    (root / "usr/bin/env").write_bytes(header)


# name of the case: (what is done to the root, word of the finding, does it forbid?, a part of its text)
FAULTS = {
    "no loader": (remove(LOADER), "no-loader", True, "/lib64/ld-seal-x86_64.so.1 is not there"),
    "no link to it": (remove("usr/lib64/ld-seal-x86_64.so.1"), "no-loader", True, "is not there"),
    "another file in its place": (
        lambda root: copy(root / LIBRARIES / "ld-linux-x86-64.so.2", root / LOADER), "loader-foreign", True,
        "is no ld-seal for x86_64"),
    "a file that is no program in its place": (
        lambda root: write(root / LOADER, "hello", 0o755), "loader-foreign", True, "is no ld-seal"),
    "another place": (move_loader, "loader-place", False, "the file is /opt/ld-seal-x86_64.so.1"),
    "not executable": (lambda root: (root / LOADER).chmod(0o644), "loader-mode", True, "its mode is 644"),
    "writable": (lambda root: (root / LOADER).chmod(0o777), "loader-writable", True, "users other than root"),
    "a program that fails": (change_bytes(LIBRARIES + "/libc.so.6", b"\x7fELF", b"\x7fELX"), "loader-fails", True,
                             "/bin/true under it"),
    "a program that cannot be loaded": (needs_missing_library, "program-fails", False,
                                        " cannot be loaded: libabsent.so.1 => not found"),
    "an old glibc": (change_bytes(LIBRARIES + "/libc.so.6", b"release version 2.", b"release version 1."),
                     "old-glibc", True, "older than 2.34"),
    "no loader of libc": (remove(LIBRARIES + "/ld-linux-x86-64.so.2"), "no-libc-loader", True,
                          "ld-linux-x86-64.so.2 is not there"),
    "no libc": (no_libc, "no-libc", True, "neither glibc nor musl"),
    "a preload that is not there": (
        lambda root: write(root / "etc/ld.so.preload", "# /lib/comment.so\n/lib/gone.so /bin/true\n"),
        "preload-missing", False, "names what is not there: /lib/gone.so"),
    "a unit that may not execute it": (unit("NoExecPaths=/", "ExecPaths=/usr/bin/true"), "unit-exec-paths", True,
                                       f"may not execute /{LOADER}: some.service"),
    "a unit that may not see it": (unit("InaccessiblePaths=-/usr/lib"), "unit-exec-paths", True, "some.service"),
    "a unit with a filter": (filtered, "unit-filter", False, "refuses mseal: some.service (kills)"),
    "a unit with another root": (unit("RootDirectory=/srv/jail"), "unit-root", False, "some.service"),
    "a unit that sets LDSEAL": (unit('Environment="LDSEAL=off" A=b'), "unit-environment", False,
                                "some.service (LDSEAL=off)"),
    "no hook": (remove(HOOK), "no-initramfs-hook", True, "initramfs-tools has no hook"),
    "dracut without a module": (lambda root: write(root / "usr/bin/dracut", "#!/bin/sh\n", 0o755),
                                "no-initramfs-hook", True, "dracut has no hook"),
    "no shell": (remove("usr/bin/busybox"), "no-rescue-shell", False, "no shell works without a loader"),
    "a shell that is not static": (lambda root: copy("/bin/true", root / "usr/bin/busybox"), "no-rescue-shell", False,
                                   "no shell works without a loader"),
    "a program with an executable stack": (executable_stack, "gives-way", False,
                                           "/usr/bin/trampoline (executable stack)"),
    "another machine": (other_machine, "other-machine", True, "neither for x86_64 nor for aarch64"),
}


@pytest.mark.parametrize("change, word, forbids, text", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found(root, change, word, forbids, text):
    change(root)
    found = findings(root)
    assert word in found, found
    assert (found[word]["forbids"], text in found[word]["text"]) == (forbids, True), found


# What a filter around doctor itself makes of the kernel: the word, and the words before the command.
FILTERS = {
    "no-mseal": (MSEAL, errno.ENOSYS),
    "mseal-refused": (MSEAL, errno.EPERM),
    "mseal-not-held": (MSEAL, 0),
    "no-guards": (MADVISE, errno.EINVAL, 2, GUARD_INSTALL),
}


@pytest.mark.parametrize("word", FILTERS)
def test_what_the_kernel_refuses_is_found(word, folder, root):
    refuse = compile_program(folder / "refuses", REFUSE)
    before = [refuse, *(str(int(number)) for number in FILTERS[word]), "--"]
    status, document = doctor(before=before)
    found = {finding["what"]: finding for finding in document["findings"]}
    assert found[word]["forbids"] is (word != "no-guards")
    # In another root it is no reason to refuse: that system will run on a kernel of its choice.
    _, document = doctor("--root", root, before=before)
    found = {finding["what"]: finding for finding in document["findings"]}
    assert found[word]["forbids"] is False
    assert ("loader-unsealed" in found) is (word != "no-guards")


def test_a_filter_that_kills_for_mseal_does_not_kill_doctor(folder):
    kills = compile_program(folder / "kills", sources_of(__file__) / "kills.c")
    status, document = doctor(before=[kills, "--"])
    assert status == FINDING
    assert "mseal-kills" in [finding["what"] for finding in document["findings"]]
    assert document["facts"][0]["text"].split("  ")[1].startswith("mseal kills")


def test_every_finding_has_a_case():
    """But of a vDSO about which this kernel's methods disagree."""
    words = set()
    for source in DOCTOR_SOURCES.glob("*.cc"):
        text = source.read_text()
        words |= set(re.findall(r'(?:Weight::k\w+|forbids|add\(|kWarns),?\s*"([a-z]+(?:-[a-z]+)+)"', text))
    tested = {word for _, word, *_ in FAULTS.values()} | set(FILTERS) | {"mseal-kills", "loader-unsealed", "unit-filter-short"}
    assert words - tested == {"vdso-extent", "proc-mem"}
    assert tested - words == set()


def test_doctor_looks_at_this_machine():
    status, document = doctor()
    areas = [fact["area"] for fact in document["facts"]]
    assert [*dict.fromkeys(areas)] == ["kernel", "loader", "libc", "preload", "vDSO", "units", "initramfs", "rescue",
                                       "programs"]
    facts = {fact["area"]: fact["text"] for fact in document["facts"]}
    assert facts["kernel"].startswith(os.uname().release)
    extent = next(line.split()[0] for line in Path("/proc/self/maps").read_text().splitlines() if "[vdso]" in line)
    start, end = (int(word, 16) for word in extent.split("-"))
    seen_start, seen_end = (int(word, 16) for word in facts["vDSO"].split()[0].split("-"))
    assert seen_end - seen_start == end - start and "disagree" not in facts["vDSO"]
    is_installed = Path("/lib64/ld-seal-x86_64.so.1").exists()
    assert ("no-loader" in [finding["what"] for finding in document["findings"]]) is not is_installed


def test_the_last_line_is_the_verdict(root):
    ready = run([SEALCTL, "doctor", "--root", root])
    assert (ready.status, ready.out.splitlines()[-1]) == (FINE, f"READY: sealctl adopt --system --root {root}"), ready
    (root / LOADER).unlink()
    not_ready = run([SEALCTL, "doctor", "--root", root])
    assert not_ready.status == FINDING
    assert not_ready.out.splitlines()[-1] == "NOT READY: loader: /lib64/ld-seal-x86_64.so.1 is not there"
    assert "!! loader: /lib64/ld-seal-x86_64.so.1 is not there\n     apt install ldseal\n" in not_ready.out


def test_a_root_that_cannot_be_opened_is_one_line():
    result = run([SEALCTL, "doctor", "--root", "/no/such/folder"])
    assert (result.status, result.err) == (
        NOT_PERMITTED, "sealctl: /no/such/folder: cannot open: No such file or directory\n"), result


def test_wrong_usage_is_status_2():
    result = run([SEALCTL, "doctor", "--fast"])
    assert (result.status, result.err) == (
        USAGE, "sealctl: --fast: unknown subcommand or option; --help lists what there is\n"), result


def test_nothing_in_a_root_leads_out_of_it_or_hangs(root):
    """Links out of the root, FIFOs, sockets and endless links at places that doctor reads."""
    (root / "etc/ld.so.preload").symlink_to("../../../../../../../../etc/passwd")
    os.mkfifo(root / "usr/bin/fifo")
    os.mkfifo(root / UNITS / "fifo.service")
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(root)
        listener.bind("usr/bin/socket")
    (root / "usr/bin/loop").symlink_to("loop")
    (root / "boot/initrd.img-1").symlink_to("/usr/bin/fifo")
    assert findings(root) == {}
    assert fact(root, "preload") == ["/etc/ld.so.preload: absent"]
    assert fact(root, "initramfs") == [f"initramfs-tools: hook /{HOOK}"]


def test_damaged_programs_and_units_are_no_fault_of_doctor(root):
    data = (root / "usr/bin/env").read_bytes()
    for size in (0, 3, 16, 63, 64, 65, 120, 1000):
        write(root / f"usr/bin/cut{size}", data[:size], 0o755)
    for at in (0x20, 0x28, 0x36, 0x38, 0x40, 0x48, 0x60):
        damaged = bytearray(data)
        damaged[at:at + 8] = b"\xff" * 8
        write(root / f"usr/bin/damaged{at}", bytes(damaged), 0o755)
    write(root / UNITS / "binary.service", bytes(range(256)) * 20)
    write(root / UNITS / "open.service", "[Service]\nSystemCallFilter=\\\n")
    assert set(findings(root)) <= {"program-fails", "gives-way"}


def test_programs_are_counted_by_kind(root):
    compile_program(root / "usr/bin/bare", SOURCES / "bare.c", "-m32", "-nostdlib", "-static", compiler="clang")
    compile_program(root / "usr/bin/adopted", SOURCES / "waits.c", "-pthread",
                    "-Wl,--dynamic-linker=/lib64/ld-seal-x86_64.so.1")
    assert fact(root, "programs") == ["4 dynamic in PATH, 1 of them name ld-seal; 1 static, 1 not for x86_64; "
                                      "0 are left to libc's loader"]


@pytest.mark.parametrize("archive, text", [
    (cpio("bin/sh", "usr/lib64/ld-seal-x86_64.so.1"), "contains ld-seal"),
    (cpio("kernel/x86") + cpio("usr/lib64/ld-seal-x86_64.so.1"), "contains ld-seal"),
    (cpio("bin/sh"), "has no ld-seal, its programs need libc's loader"),
    (cpio("kernel/x86") + b"\x28\xb5\x2f\xfd" + b"x" * 1000,
     "compressed, not read; made after the hook was installed"),
    (b"", "has no ld-seal, its programs need libc's loader"),
], ids=["contains", "second archive", "without", "compressed", "empty"])
def test_images_are_looked_into(root, archive, text):
    write(root / "boot/initrd.img-6.1.0", archive)
    os.utime(root / HOOK, (1, 1))
    assert fact(root, "initramfs")[1:] == [f"/boot/initrd.img-6.1.0: {text}"]


def test_an_image_that_is_older_than_the_hook_is_named_so(root):
    write(root / "boot/initrd.img-6.1.0", b"\x1f\x8b" * 100)
    os.utime(root / "boot/initrd.img-6.1.0", (1, 1))
    assert fact(root, "initramfs")[1:] == [
        "/boot/initrd.img-6.1.0: compressed, not read; made before the hook was installed, so it has no ld-seal"]


def test_where_the_symlink_is_exchanged_libcs_loader_is_found_beside(root):
    link = root / "usr/lib64/ld-linux-x86-64.so.2"
    link.unlink()
    link.symlink_to("ld-seal-x86_64.so.1")
    assert findings(root) == {}
    (text,) = fact(root, "libc")
    assert text.endswith(f"its loader /{LIBRARIES}/ld-linux-x86-64.so.2; /lib64/ld-linux-x86-64.so.2 leads to ld-seal")


def test_a_musl_system_is_looked_at(root):
    no_libc(root)
    shutil.copy("/lib/ld-musl-x86_64.so.1", root / "usr/lib/ld-musl-x86_64.so.1")
    write(root / "var/lib/dpkg/status", "Package: musl\nStatus: install ok installed\nVersion: 1.2.3-1\n\n")
    for name in ("true", "env", "uname"):
        compile_program(root / "usr/bin" / name, SOURCES / "waits.c", compiler="musl-gcc")
    assert findings(root) == {}
    assert fact(root, "libc") == ["musl 1.2.3-1, its loader /usr/lib/ld-musl-x86_64.so.1"]
