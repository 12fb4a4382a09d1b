"""An initramfs that is made where ld-seal is in libc's loader's place starts programs; elsewhere ld-seal is not in it."""

import pytest

KERNEL = "6.12.0-none"
LOADERS = ("usr/lib64/ld-seal-x86_64.so.1", "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
TOOLS = {
    "initramfs-tools": (
        ("initramfs-tools-core", "kmod"),
        f"mkinitramfs -o /image {KERNEL} && unmkinitramfs /image /unpacked"),
    "dracut": (
        ("dracut-core", "cpio"),
        f"dracut --no-kernel --no-hostonly --force --no-compress --kver {KERNEL} /image && mkdir /unpacked && "
        "cd /unpacked && cpio -idu --quiet </image"),
}


@pytest.fixture(params=TOOLS)
def generator(request):
    return TOOLS[request.param]


@pytest.fixture
def machine_with(system, packages):
    """machine_with(tools): a Debian 12 with a generator of initramfs images and ldseal."""
    def make(tools):
        debian = system("bookworm", *tools)
        debian.copy_in(packages["ldseal", "amd64"].path, "/ldseal.deb")
        debian.succeed("dpkg", "--install", "/ldseal.deb")
        modules = debian.path / "lib/modules" / KERNEL
        modules.mkdir(parents=True)
        for name in ("modules.dep", "modules.builtin", "modules.order", "modules.alias", "modules.softdep"):
            (modules / name).touch()
        boot = debian.path / "boot" / f"config-{KERNEL}"
        boot.write_text("CONFIG_RD_GZIP=y\nCONFIG_BLK_DEV_INITRD=y\n")
        return debian
    return make


def image(debian, command):
    debian.succeed("sh", "-c", command, timeout=300)
    return debian.path / "unpacked"


def starts_a_shell(debian):
    return debian.run("chroot", "/unpacked", "/bin/sh", "-c", "echo alive")


@pytest.mark.debian
def test_a_machine_that_is_adopted_boots_with_its_image(machine_with, generator):
    tools, command = generator
    debian = machine_with(tools)
    link = debian.path / "usr/lib64/ld-linux-x86-64.so.2"
    link.unlink()
    link.symlink_to("ld-seal-x86_64.so.1")
    unpacked = image(debian, command)
    result = starts_a_shell(debian)
    assert (result.status, result.out) == (0, "alive\n"), result
    assert [name for name in LOADERS if not (unpacked / name).exists()] == []


@pytest.mark.debian
def test_one_adopted_program_runs_in_the_image(machine_with, generator):
    tools, command = generator
    debian = machine_with(tools)
    shell = debian.path / "usr/bin/dash"
    data = shell.read_bytes()
    old, new = b"/lib64/ld-linux-x86-64.so.2\0", b"/lib64/ld-seal-x86_64.so.1\0"
    assert data.count(old) == 1
    shell.write_bytes(data.replace(old, new.ljust(len(old), b"\0")))
    records = debian.path / "var/lib/ldseal"
    records.mkdir()
    (records / "programs.json").write_text("{}")
    unpacked = image(debian, command)
    result = debian.run("chroot", "/unpacked", "/usr/bin/dash", "-c", "echo alive")
    if not (unpacked / "usr/bin/dash").exists():
        result = starts_a_shell(debian)
    assert (result.status, result.out) == (0, "alive\n"), result
    assert [name for name in LOADERS if not (unpacked / name).exists()] == []


@pytest.mark.debian
def test_the_image_of_another_machine_has_no_ld_seal(machine_with, generator):
    tools, command = generator
    debian = machine_with(tools)
    unpacked = image(debian, command)
    assert starts_a_shell(debian).out == "alive\n"
    assert sorted(unpacked.rglob("*ld-seal*")) == []
