"""Calls go through no slot that can be written: what overwriting them does, under the system's loader and under ld-seal,
for every shape of a PLT that linkers write; and what is said where slots stay."""

import re
import shutil

import pytest

from loaders import SYSTEM_LOADERS, emulator, launchers
from process import environment, run
from roots import RootUnavailable, root
from seal_tools import SOURCES, compile_program, parse_trace

PROGRAM, LIBRARY = SOURCES / "plt" / "got.c", SOURCES / "plt" / "libcalls.c"
HELD, REDIRECTED = 0, 42
LEFT = re.compile(r"(\d+) of (\d+) call slots stay writable in (\S+) \((.*)\)")

# Flags of the compiler and of the linker; how many of the program's and the library's slots are final.
SHAPES = {
    "bfd": ([], ["-fuse-ld=bfd"]),
    "bfd, fixed addresses": (["-fno-pie"], ["-fuse-ld=bfd", "-no-pie"]),
    "bfd, no separate code": ([], ["-fuse-ld=bfd", "-Wl,-z,noseparate-code"]),
    "bfd, landing pads": (["-fcf-protection"], ["-fuse-ld=bfd", "-Wl,-z,ibtplt"]),
    "gold": ([], ["-fuse-ld=gold"]),
    "lld": ([], ["-fuse-ld=lld"]),
    "lld, landing pads": (["-fcf-protection"], ["-fuse-ld=lld", "-Wl,-z,force-ibt"]),
}
OF_AARCH64 = {
    "bfd": ("aarch64-linux-gnu-gcc", []),
    "bfd, landing pads": ("aarch64-linux-gnu-gcc", ["-mbranch-protection=standard", "-Wl,-z,force-bti"]),
    "lld": ("clang", ["--target=aarch64-linux-gnu", "-fuse-ld=lld"]),
    "lld, landing pads": ("clang", ["--target=aarch64-linux-gnu", "-fuse-ld=lld", "-mbranch-protection=standard",
                                    "-Wl,-z,force-bti"]),
}


def build(folder, compiler, flags, libraries=(), library_flags=()):
    library = compile_program(folder / "libcalls.so", [LIBRARY], "-fPIC", "-shared", "-Wl,-soname,libcalls.so",
                              "-Wl,-z,lazy,-z,relro", "-Wno-unused-command-line-argument", *library_flags,
                              *(flag for flag in flags if flag not in ("-no-pie", "-fno-pie")), compiler=compiler)
    return compile_program(folder / "got", [PROGRAM, library], "-Wl,-z,lazy,-z,relro", f"-Wl,-rpath,{folder}",
                           "-Wno-unused-command-line-argument", *flags, *libraries, compiler=compiler)


@pytest.fixture(params=SHAPES)
def program(request, tmp_path):
    compile_flags, link_flags = SHAPES[request.param]
    compiler = "clang" if "lld" in request.param else "gcc"
    linker = link_flags[0].removeprefix("-fuse-ld=")
    if shutil.which(f"ld.{linker}") is None:
        pytest.skip(f"ld.{linker} is missing")
    return build(tmp_path, compiler, [*compile_flags, *link_flags])


def is_lazy_libc():
    """Has the system's libc slots that can be written? From glibc 2.39 on Debian's has not."""
    return "BIND_NOW" not in run(["readelf", "-dW", "/lib/x86_64-linux-gnu/libc.so.6"]).out


WHAT = ("program", "library", "libc")


@pytest.mark.parametrize("what", WHAT)
def test_overwriting_slots_redirects_no_call(what, program, native_launcher, tmp_path):
    if what != "libc" or is_lazy_libc():
        assert run([program, what]).status == REDIRECTED
    folder = tmp_path / "copy"
    folder.mkdir()
    command = native_launcher.command(program, what, folder=folder)
    assert run(command).status == HELD
    if what != "libc" or is_lazy_libc():
        assert run(command, env=environment(LDSEAL="-plt")).status == REDIRECTED


def test_every_slot_is_final_and_the_pages_are_sealed(program, native_launcher, tmp_path):
    folder = tmp_path / "copy"
    folder.mkdir()
    done = run(native_launcher.command(program, "program", folder=folder), env=environment(LDSEAL_DEBUG="seal"))
    assert not LEFT.search(done.err), done
    pages = [r for r in parse_trace(done.err).plan if r.seal_class == "plt"]
    assert all(r.is_sealed and r.permissions == "r-x" for r in pages), pages
    assert {r.object.rsplit("/")[-1] for r in pages} >= {"got", "libcalls.so"}, pages


@pytest.mark.parametrize("what", ("program", "library"))
def test_with_musl_too(what, native_launcher, tmp_path):
    if shutil.which("musl-gcc") is None:
        pytest.skip("musl-gcc is missing: install musl-tools")
    program = build(tmp_path, "musl-gcc", ["-DWITHOUT_IFUNC"])
    (tmp_path / "copy").mkdir()
    assert run([program, what]).status == REDIRECTED
    command = native_launcher.command(program, what, folder=tmp_path / "copy")
    assert run(command).status == HELD


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("name", ["glibc-trixie", "glibc-sid"])
def test_with_newer_glibcs_too(name, what, tmp_path):
    try:
        libc = root(name)
    except RootUnavailable as reason:
        pytest.skip(str(reason))
    program = build(tmp_path, "gcc", [])
    words = ["--library-path", libc.library_path, program, what]
    if what != "libc":
        assert run([libc.loader, *words]).status == REDIRECTED
    for launcher in launchers("x86_64"):
        if not launcher.as_interpreter:
            assert run([launcher.loader, *words]).status == HELD


def test_a_stub_of_an_unknown_shape_keeps_its_slot_and_the_trace_says_so(native_launcher, tmp_path):
    program = build(tmp_path, "clang", ["-fuse-ld=lld", "-Wl,-z,retpolineplt"])
    (tmp_path / "copy").mkdir()
    command = native_launcher.command(program, "program", folder=tmp_path / "copy")
    done = run(command, env=environment(LDSEAL_DEBUG="seal"))
    assert done.status == REDIRECTED
    left = {name.rsplit("/")[-1]: (int(slots), int(of), why) for slots, of, name, why in LEFT.findall(done.err)}
    assert set(left) == {"got", "libcalls.so"}, done
    assert all(0 < slots == of and why == "no PLT stub of a known shape" for slots, of, why in left.values()), left


@pytest.mark.parametrize("shape", OF_AARCH64)
@pytest.mark.parametrize("what", WHAT)
def test_on_aarch64_too(what, shape, tmp_path):
    compiler, flags = OF_AARCH64[shape]
    if shutil.which(compiler) is None or shutil.which("qemu-aarch64") is None:
        pytest.skip(f"{compiler} or qemu-aarch64 is missing")
    program = build(tmp_path, compiler, flags)
    system = SYSTEM_LOADERS["aarch64"]
    words = ["--library-path", system.parent, program, what]
    # Without BTI, for which the start files of a cross compiler have no landing pads.
    variables = environment(QEMU_CPU="cortex-a57")
    assert run([*emulator("aarch64"), system, *words], timeout=60, env=variables).status == REDIRECTED
    command, = (entry for entry in launchers("aarch64") if not entry.as_interpreter)
    assert run([*emulator("aarch64"), command.loader, *words], timeout=60, env=variables).status == HELD
