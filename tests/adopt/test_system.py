"""`sealctl adopt --system` and `sealctl release --system`: one symbolic link, and back."""

import json
import os
import shutil

import pytest

import loaders
from made_root import (DIVERSIONS, KEPT, LIBC_NAME, LOADER_LINK, OTHER_DIVERSION, SEAL_NAME, STATE, differences,
                       fingerprint, in_root, sealctl)
from process import environment, run

SEAL_LINK = "ld-seal-x86_64.so.1"
USR_NAME = "/usr" + LIBC_NAME
OURS = f"{LIBC_NAME}\n{KEPT}\n:\n{USR_NAME}\n{USR_NAME}.distrib.usr-is-merged\n:\n"


def adopt(root, *words):
    return sealctl("adopt", "--system", *words, root=root)


def release(root, *words):
    return sealctl("release", "--system", *words, root=root)


def leads_to(root):
    return os.readlink(root / LOADER_LINK)


def test_every_program_starts_under_ld_seal_and_back(root):
    before = fingerprint(root)
    adopted = adopt(root)
    assert (adopted.status, adopted.err) == (0, ""), adopted
    assert adopted.out.splitlines() == ["tried 2 programs under ld-seal: 2 sealed",
                                        f"{root}{LIBC_NAME}: leads to ld-seal"]
    changed = differences(before, fingerprint(root))
    assert set(changed) == {LOADER_LINK, f"{LOADER_LINK}.distrib", DIVERSIONS}, "no file of a package changes"
    assert leads_to(root) == SEAL_LINK
    shown = in_root(root, "/usr/bin/cat", "/etc/none", env=environment(LDSEAL="nonsense"))
    assert shown.status == 127 and "ld-seal: " in shown.err, "it is ld-seal that starts it"
    status = sealctl("status", root=root)
    assert (status.status, status.out) == (0, f"system x86_64: adopted: {LIBC_NAME} leads to ld-seal\n"
                                              "programs: 0 of 0 adopted\n")
    released = release(root)
    assert (released.status, released.out) == (0, f"{root}{LIBC_NAME}: leads to libc's rtld\n")
    assert differences(before, fingerprint(root)) == {}


def test_the_state_is_one_line(root):
    adopt(root)
    text = (root / STATE / "system-x86_64.json").read_text()
    assert text.count("\n") == 1
    assert json.loads(text) == {"schema": 1, "machine": "x86_64", "loader": LIBC_NAME, "step": "adopted"}
    release(root)
    assert os.listdir(root / STATE) == ["lock"]


@pytest.mark.parametrize("command", [adopt, release])
def test_what_an_upgrade_left_to_be_done_is_forgotten(root, command):
    marker = root / STATE / "adopt-again"
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.touch()
    command(root, "--dry-run")
    assert marker.exists()
    assert command(root).status == 0
    assert not marker.exists()


def test_dpkg_is_diverted_for_both_names_of_merged_usr(root):
    adopt(root)
    assert (root / DIVERSIONS).read_text() == OTHER_DIVERSION + OURS
    listed = run(["dpkg-divert", "--admindir", root / "var/lib/dpkg", "--list", "*ld-linux*"])
    assert sorted(listed.out.splitlines()) == [f"local diversion of {LIBC_NAME} to {KEPT}",
                                               f"local diversion of {USR_NAME} to {USR_NAME}.distrib.usr-is-merged"]


def test_a_name_that_a_package_has_diverted_is_left_to_it(root):
    """libc6 of Debian 13, whose own file is in /usr/lib64, has diverted what other packages put into /lib64."""
    theirs = f"{LIBC_NAME}\n{LIBC_NAME}.usr-is-merged\nlibc6\n"
    (root / DIVERSIONS).write_text(OTHER_DIVERSION + theirs)
    assert adopt(root).status == 0
    assert (root / DIVERSIONS).read_text().count(LIBC_NAME + "\n") == 2, "theirs, and ours of /usr/lib64"
    assert sealctl("status", root=root).status == 0
    assert release(root).status == 0
    assert sorted((root / DIVERSIONS).read_text().splitlines()) == sorted((OTHER_DIVERSION + theirs).splitlines())


def test_the_database_is_what_dpkg_divert_would_have_written(root, tmp_path):
    shutil.copytree(root / "var/lib/dpkg", tmp_path / "dpkg")
    for name, target in ((LIBC_NAME, KEPT), (USR_NAME, f"{USR_NAME}.distrib.usr-is-merged")):
        done = run(["dpkg-divert", "--admindir", tmp_path / "dpkg", "--local", "--no-rename", "--divert", target,
                    "--add", name])
        assert done.status == 0, done
    adopt(root)

    def triples(path):
        lines = path.read_text().splitlines()
        return sorted(zip(lines[::3], lines[1::3], lines[2::3]))
    assert triples(root / DIVERSIONS) == triples(tmp_path / "dpkg/diversions")


def test_a_package_that_has_the_file_in_usr_keeps_it_there(root):
    (root / "var/lib/dpkg/info/libc6:amd64.list").write_text(f"/.\n{USR_NAME}\n")
    before = fingerprint(root)
    assert adopt(root).status == 0
    assert (root / f"{USR_NAME[1:]}.distrib.usr-is-merged").is_symlink()
    assert not (root / f"{LOADER_LINK}.distrib").is_symlink()
    assert release(root).status == 0
    assert differences(before, fingerprint(root)) == {}


def test_twice_is_once(root):
    adopt(root)
    once = fingerprint(root)
    result = adopt(root)
    assert (result.status, result.out) == (0, f"{root}{LIBC_NAME}: is adopted already\n")
    assert differences(once, fingerprint(root)) == {}
    release(root)
    result = release(root)
    assert (result.status, result.out) == (0, f"{root}{LIBC_NAME}: is not adopted\n")


def test_a_dry_run_changes_nothing(root):
    before = fingerprint(root)
    result = adopt(root, "--dry-run")
    assert (result.status, result.out.splitlines()[1:]) == (0, [
        f"would keep {root}{LIBC_NAME} as {root}{KEPT}",
        f"would divert dpkg's {LIBC_NAME} to {KEPT}",
        f"would divert dpkg's {USR_NAME} to {USR_NAME}.distrib.usr-is-merged",
        f"would make {root}{LIBC_NAME} lead to {SEAL_NAME}"])
    assert differences(before, fingerprint(root)) == {}
    assert not (root / STATE).exists()
    adopt(root)
    before = fingerprint(root)
    assert release(root, "--dry-run").out == f"would give {root}{LIBC_NAME} back to libc\n"
    assert differences(before, fingerprint(root)) == {}


def test_where_the_name_is_the_file_it_is_kept_beside_it(root):
    """As on Fedora and Arch, which have no dpkg either."""
    shutil.rmtree(root / "var/lib/dpkg")
    (root / LOADER_LINK).unlink()
    shutil.copy2(LIBC_NAME, root / LOADER_LINK)
    before = fingerprint(root)
    result = adopt(root)
    assert result.status == 0, result
    assert leads_to(root) == SEAL_LINK
    kept = (root / f"{LOADER_LINK}.distrib")
    assert kept.read_bytes() == open(LIBC_NAME, "rb").read()
    assert release(root).status == 0
    assert differences(before, fingerprint(root)) == {}


@pytest.mark.parametrize("then", ["adopt", "release"])
def test_ldconfig_may_make_the_name_a_link_to_what_is_kept(root, then):
    """Upstream's does, because the kept file's DT_SONAME is the name; Debian's spares the loader's name."""
    shutil.rmtree(root / "var/lib/dpkg")
    (root / LOADER_LINK).unlink()
    shutil.copy2(LIBC_NAME, root / LOADER_LINK)
    before = fingerprint(root)
    adopt(root)
    (root / LOADER_LINK).unlink()
    (root / LOADER_LINK).symlink_to(f"{LOADER_LINK}.distrib".rpartition("/")[2])
    assert in_root(root, "/usr/bin/true").status == 0
    assert sealctl("status", root=root).status == 1
    if then == "adopt":
        assert sealctl("adopt", "--again", root=root).status == 0
        assert leads_to(root) == SEAL_LINK
        assert in_root(root, "/usr/bin/true").status == 0
        assert sealctl("status", root=root).status == 0
    assert release(root).status == 0
    assert differences(before, fingerprint(root)) == {}


def test_an_upgrade_that_undid_it_is_undone_again(root):
    adopt(root)
    (root / LOADER_LINK).unlink()
    (root / LOADER_LINK).symlink_to("/lib/x86_64-linux-gnu/./ld-linux-x86-64.so.2")
    status = sealctl("status", root=root)
    assert status.status == 1 and f"damaged: {LIBC_NAME} was replaced since" in status.out
    again = sealctl("adopt", "--again", root=root)
    assert again.status == 0, again
    assert leads_to(root) == SEAL_LINK
    assert os.readlink(root / f"{LOADER_LINK}.distrib") == "/lib/x86_64-linux-gnu/./ld-linux-x86-64.so.2"
    assert sealctl("status", root=root).status == 0


def test_what_is_not_kept_any_more_is_found_where_debian_has_it(root):
    adopt(root)
    (root / f"{LOADER_LINK}.distrib").unlink()
    status = sealctl("status", root=root)
    assert status.status == 1 and f"what {LIBC_NAME} was is no longer kept" in status.out
    assert release(root).status == 0
    assert leads_to(root) == "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
    assert in_root(root, "/usr/bin/true").status == 0


def refused(root, *lines, words=()):
    before = fingerprint(root)
    result = adopt(root, *words)
    assert (result.status, result.err.splitlines()) == (1, [f"sealctl: {line}" for line in lines])
    assert differences(before, fingerprint(root)) == {}
    assert "not adopted" in sealctl("status", root=root).out


SEE_ABOVE = "is left as it is: see above; --force exchanges it in spite of that"


def test_without_ld_seal_it_is_refused(root):
    (root / "usr/lib64" / SEAL_LINK).unlink()
    refused(root, f"the loader {root}{SEAL_NAME}: cannot open: No such file or directory",
            f"{root}{LIBC_NAME}: {SEE_ABOVE}")


def test_a_loader_that_does_not_work_here_is_refused(root):
    """It stays an ELF file with the right name, but its code is gone."""
    path = root / "usr/lib/x86_64-linux-gnu" / SEAL_LINK
    listed = run(["readelf", "--file-header", path]).out
    entry = int(listed.partition("Entry point address:")[2].split()[0], 16)
    data = bytearray(path.read_bytes())
    headers = run(["readelf", "--program-headers", "--wide", path]).out.splitlines()
    offset, address = next((int(line.split()[1], 16), int(line.split()[2], 16)) for line in headers
                           if "LOAD" in line and "R E" in line)
    data[entry - address + offset:entry - address + offset + 16] = b"\x0f\x0b" * 8
    path.write_bytes(data)
    result = adopt(root)
    assert result.status == 1
    assert result.err.splitlines()[0] == (f"sealctl: {root}/usr/bin/true under ld-seal ended by signal 4; "
                                          "under libc's rtld: ended with status 0: true (GNU coreutils) 9.1")
    assert result.err.splitlines()[-1] == f"sealctl: {root}{LIBC_NAME}: {SEE_ABOVE}"
    assert leads_to(root) != SEAL_LINK
    forced = adopt(root, "--force")
    assert forced.status == 1
    assert "was exchanged and given back, because" in forced.err, "no root is left that cannot start programs"
    assert in_root(root, "/usr/bin/true").status == 0
    assert "system x86_64: not adopted" in sealctl("status", root=root).out


def test_another_diversion_is_respected(root):
    with open(root / DIVERSIONS, "a") as database:
        database.write(f"{LIBC_NAME}\n/opt/ld-linux\n:\n")
    refused(root, f"{root}{LIBC_NAME}: {LIBC_NAME} is diverted already, to /opt/ld-linux")


def test_a_foreign_file_in_the_way_is_respected(root):
    (root / f"{LOADER_LINK}.distrib").write_text("mine")
    refused(root, f"{root}{LIBC_NAME}: {root}{KEPT} is there, but not by sealctl")


def test_a_link_made_by_hand_is_said_and_given_back(root):
    (root / LOADER_LINK).unlink()
    (root / LOADER_LINK).symlink_to(SEAL_LINK)
    assert adopt(root).err == (f"sealctl: {root}{LIBC_NAME}: leads to ld-seal, but not by sealctl: "
                               "`sealctl release --system` gives it back\n")
    assert sealctl("status", root=root).status == 1
    assert release(root).status == 0
    assert in_root(root, "/usr/bin/true").status == 0
    assert leads_to(root) == "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"


def test_a_damaged_database_is_said(root):
    (root / DIVERSIONS).write_text("/usr/bin/a\n")
    refused_text = adopt(root)
    assert refused_text.status == 1
    assert refused_text.err == f"sealctl: {root}/{DIVERSIONS}: is damaged: the diversion of /usr/bin/a lacks lines\n"


def test_a_root_without_libc_is_said(tmp_path):
    (tmp_path / "var/lib").mkdir(parents=True)
    result = sealctl("adopt", "--system", root=tmp_path)
    assert (result.status, result.err) == (1, f"sealctl: {tmp_path}/: there is neither {LIBC_NAME} nor "
                                              "/lib/ld-linux-aarch64.so.1\n")


def test_the_status_is_json_too(root):
    adopt(root)
    sealctl("adopt", "/usr/bin/cat", root=root)
    result = sealctl("status", "--json", root=root)
    assert result.status == 0
    assert json.loads(result.out) == {
        "schema": 1, "root": f"{root}/", "locked": False, "fine": True,
        "system": [{"machine": "x86_64", "loader": LIBC_NAME, "state": "adopted",
                    "detail": f"{LIBC_NAME} leads to ld-seal", "fine": True}],
        "programs": {"recorded": 1, "adopted": 1, "half_done": [], "replaced": [], "changed": [], "lost": [],
                     "unreadable": []}}


@pytest.fixture
def arm_root(tmp_path):
    """A root for a machine whose programs do not run here: arm64's libc, ld-seal and one program."""
    root = tmp_path / "arm"
    libraries = root / "usr/lib/aarch64-linux-gnu"
    for folder in (libraries, root / "usr/bin", root / "var/lib/dpkg/info"):
        folder.mkdir(parents=True)
    for name in ("lib", "bin"):
        (root / name).symlink_to(f"usr/{name}")
    for name in ("ld-linux-aarch64.so.1", "libc.so.6"):
        shutil.copy2(f"/usr/aarch64-linux-gnu/lib/{name}", libraries / name)
    shutil.copy2(loaders.loader("aarch64"), libraries / "ld-seal-aarch64.so.1")
    (libraries / "ld-seal-aarch64.so.1").chmod(0o755)
    for name in ("ld-linux-aarch64.so.1", "ld-seal-aarch64.so.1"):
        (root / "usr/lib" / name).symlink_to(f"aarch64-linux-gnu/{name}")
    (root / "var/lib/dpkg/status").touch()
    (root / DIVERSIONS).write_text(OTHER_DIVERSION)
    source = "int main(void) { return 7; }\n"
    done = run(["aarch64-linux-gnu-gcc", "-x", "c", "-", "-o", root / "usr/bin/program"], stdin=source)
    assert done.status == 0, done
    return root


def emulated(root):
    return run(["qemu-aarch64", "-L", root, root / "usr/bin/program"])


def test_a_root_of_another_machine_is_adopted_and_released(arm_root):
    before = fingerprint(arm_root)
    result = adopt(arm_root)
    assert result.status == 0, result
    assert result.out.splitlines()[0] == "programs for aarch64 do not run here: nothing was tried"
    assert os.readlink(arm_root / "usr/lib/ld-linux-aarch64.so.1") == "ld-seal-aarch64.so.1"
    assert "/lib/ld-linux-aarch64.so.1\n/lib/ld-linux-aarch64.so.1.distrib\n:\n" in (arm_root / DIVERSIONS).read_text()
    assert sealctl("status", root=arm_root).status == 0
    assert emulated(arm_root).status == 7
    assert release(arm_root).status == 0
    assert differences(before, fingerprint(arm_root)) == {}


def test_a_program_of_another_machine_is_adopted_and_released(arm_root):
    before = fingerprint(arm_root)
    assert sealctl("adopt", "/usr/bin/program", root=arm_root).out == "adopted 1 program\n"
    assert emulated(arm_root).status == 7
    (arm_root / "usr/lib/ld-linux-aarch64.so.1").rename(arm_root / "usr/lib/away")
    assert emulated(arm_root).status == 7, "it is ld-seal that starts it"
    (arm_root / "usr/lib/away").rename(arm_root / "usr/lib/ld-linux-aarch64.so.1")
    assert sealctl("release", "/usr/bin/program", root=arm_root).status == 0
    assert differences(before, fingerprint(arm_root)) == {}
