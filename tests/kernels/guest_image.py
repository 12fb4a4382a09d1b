"""Builds the programs of a guest for one machine, and the initramfs of one kernel from them."""

from pathlib import Path

from workshop import places
from workshop.builder import run_step
from workshop.toolchain import GNU_DRIVERS, Toolchain

from crt_programs import compile_sealed
from guest_cases import CRIU, CRIU_LIBRARIES, cases_for, loader_path, loader_under_test
from initramfs import Archive

SOURCES = Path(__file__).resolve().parent / "guest"
SEAL_TESTS = places.PROJECT / "tests" / "seal"
HATCH_TESTS = places.PROJECT / "tests" / "hatch"
PROGRAMS = {"none": ("hello", "layout"),
            "musl": ("hello", "layout", "threads", "guards", "attack"),
            "glibc": ("hello", "layout", "threads", "guards", "attack", "exceptions")}
LIBRARIES = {"none": (), "musl": ("target",), "glibc": ("target", "thrower")}
GLIBC_FILES = ("libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6")
# Segments that lie 64 KiB apart, whatever the page size: between them are holes, as in every object for aarch64.
WIDE = ("-Wl,-z,max-page-size=65536", "-Wl,-z,separate-code")


def build_programs(machine, folder):
    """Compiles everything; returns {path in the guest: file}."""
    files = {loader_path(machine): loader_under_test(machine),
             "init": _static_program(machine, folder / "init", [SOURCES / "init.c"]),
             "bin/reference": _static_program(machine, folder / "reference", [SEAL_TESTS / "reference.c"]),
             "bin/trip": _static_program(machine, folder / "trip", [HATCH_TESTS / "criu_trip.c"]),
             "bin/matrix": _static_program(machine, folder / "matrix", sorted((SEAL_TESTS / "attack").glob("*.cc")))}
    for libc in PROGRAMS:
        workplace = _Workplace(libc, machine, folder)
        sources = [SOURCES / name for name in PROGRAMS[libc]]
        files |= workplace.build(sources, [SOURCES / name for name in LIBRARIES[libc]])
        files |= {f"bin/static-{name}-{libc}": _self_sealing_program(libc, machine, folder, name)
                  for name in ("hello", "layout")}
    files |= _Workplace("glibc", machine, folder).build([HATCH_TESTS / "criu_victim"], [HATCH_TESTS / "criu_library"])
    return files


def _static_program(machine, output, sources):
    language, standard = ("c", []) if sources[0].suffix == ".c" else ("c++", ["-std=c++20"])
    driver = GNU_DRIVERS[machine, language]
    run_step([driver, "-O1", "-Wall", "-static", *standard, *map(str, sources), "-o", str(output)])
    return output


def _self_sealing_program(libc, machine, folder, name):
    output = folder / f"static-{name}-{libc}"
    return compile_sealed(output, SOURCES / f"{name}.c", f"-I{places.INCLUDE}", *WIDE, libc=libc, machine=machine)


class _Workplace:
    """Where what belongs to one libc is made."""

    def __init__(self, libc, machine, folder):
        self.chain = Toolchain(libc, machine, "gcc", "gnu")
        self.libc = libc
        self.machine = machine
        self.place = f"/lib/guest-{libc}"
        self.folder = folder / libc
        self.folder.mkdir(exist_ok=True)

    def build(self, programs, libraries):
        """{path in the guest: file} of programs, each linked with all of the libraries. What they are made of is named
        without its ending."""
        built = [self._library(source) for source in libraries]
        files = {f"{self.place}/{path.name}": path for path in built}
        return files | {f"bin/{source.name}-{self.libc}": self._program(source, built) for source in programs}

    def _library(self, source):
        output = self.folder / f"lib{source.name}.so"
        compiled, language = self._compile(source, ["-fPIC"])
        run_step(self.chain.link_library([compiled], output, language, list(WIDE)))
        return output

    def _program(self, source, libraries):
        output = self.folder / source.name
        compiled, language = self._compile(source, ["-fPIE", "-DPROGRAM"])
        flags = [f"-Wl,-rpath,{self.place}", "-Wl,--no-as-needed", *map(str, libraries)]
        run_step(self.chain.link_program([compiled], output, language, loader_path(self.machine), True, flags))
        return output

    def _compile(self, name, flags):
        source = next(path for ending in (".c", ".cc") if (path := name.with_suffix(ending)).exists())
        language = "c" if source.suffix == ".c" else "c++"
        compiled = self.folder / f"{name.name}.o"
        run_step(self.chain.compile(source, compiled, language, flags))
        return compiled, language


def write_initramfs(kernel, programs, output):
    """Raises roots.RootUnavailable if something of this kernel's suite cannot be had."""
    archive = Archive()
    for path, file in programs.items():
        archive.file(path, file.read_bytes())
    _add_glibc(archive, kernel)
    _add_musl(archive, kernel)
    if kernel.has_criu:
        _add_criu(archive, kernel)
    archive.file("cases", "".join(case.line(kernel.machine) + "\n" for case in cases_for(kernel)).encode(), 0o644)
    archive.write(output)


def _add_glibc(archive, kernel):
    libc = kernel.fetch_libc("glibc")
    folder = f"/lib/{kernel.machine}-linux-gnu"
    for name in (*GLIBC_FILES, libc.loader.name):
        archive.file(f"{folder}/{name}", _find(name, libc.library_dirs).read_bytes())
    archive.link(places.interpreter("glibc", kernel.machine), f"{folder}/{libc.loader.name}")


def _add_musl(archive, kernel):
    libc = kernel.fetch_libc("musl")
    folder = f"/lib/{kernel.machine}-linux-musl"
    archive.file(f"{folder}/libc.so", _find("libc.so", libc.library_dirs).read_bytes())
    archive.link(places.interpreter("musl", kernel.machine), f"{folder}/libc.so")


def _add_criu(archive, kernel):
    """CRIU, its own loader, its libraries under the names that they are asked for by, and folders that it works in."""
    criu = kernel.fetch_criu()
    for folder in ("tmp", "run"):
        archive.folder(folder)
    archive.file("bin/criu", (criu.path / "usr/sbin/criu").read_bytes())
    archive.file(CRIU[0], criu.loader.read_bytes())
    files = [path for folder in criu.library_dirs for path in folder.glob("*.so*")]
    links = {path.resolve() for path in files if path.is_symlink()}
    for path in files:
        if path not in links:
            archive.file(f"{CRIU_LIBRARIES}/{path.name}", path.read_bytes())


def _find(name, folders):
    found = [folder / name for folder in folders if (folder / name).exists()]
    assert found, f"no {name} in {', '.join(map(str, folders))}"
    return found[0]
