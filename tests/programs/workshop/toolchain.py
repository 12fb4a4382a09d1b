"""The command lines that compile and link for each (libc, machine, compiler, linker). Knows nothing of recipes."""

import dataclasses

from . import places

SUFFIXES = {"c": "c", "c++": "cc", "assembly": "S"}
GNU_DRIVERS = {("x86_64", "c"): "gcc", ("x86_64", "c++"): "g++",
               ("aarch64", "c"): "aarch64-linux-gnu-gcc", ("aarch64", "c++"): "aarch64-linux-gnu-g++"}


@dataclasses.dataclass(frozen=True)
class Toolchain:
    libc: str
    machine: str
    compiler: str
    linker: str

    @property
    def name(self):
        return f"{self.libc}-{self.machine}-{self.compiler}-{self.linker}"

    def compile(self, source, output, language, flags):
        """The command that makes an object file."""
        return [*self._driver(self.compiler, language), "-c", "-O1", "-Wall", *self._header_flags(language),
                "-I", str(places.INCLUDE), *flags, str(source), "-o", str(output)]

    def link_library(self, objects, output, language, flags):
        return self._link(["-shared", f"-Wl,-soname,{output.name}"], objects, output, language, flags)

    def link_program(self, objects, output, language, interpreter, pie, flags):
        kind = ["-pie" if pie else "-no-pie", f"-Wl,--dynamic-linker={interpreter}"]
        return self._link(kind, objects, output, language, flags)

    def _driver(self, compiler, language):
        language = "c++" if language == "c++" else "c"
        if compiler == "gcc":
            return [GNU_DRIVERS[self.machine, language]]
        return ["clang++" if language == "c++" else "clang", f"--target={self.machine}-linux-gnu"]

    def _header_flags(self, language):
        if self.libc == "none":
            extra = ["-fno-exceptions", "-fno-rtti"] if language == "c++" else []
            return ["-DLIBC_NONE", "-ffreestanding", "-fno-stack-protector", *extra]
        if self.libc == "musl":
            headers, _, _ = places.musl_folders(self.machine)
            own = places.compiler_file(GNU_DRIVERS[self.machine, "c"], "include")
            return ["-DLIBC_MUSL", "-nostdinc", "-isystem", str(headers), "-isystem", own]
        return ["-DLIBC_GLIBC"]

    def _link(self, kind, objects, output, language, flags):
        # The cross gcc does not find ld.lld, so clang drives it whoever compiled.
        driver = self._driver("clang" if self.linker == "lld" else self.compiler, language)
        fuse = "-fuse-ld=lld" if self.linker == "lld" else "-fuse-ld=bfd"
        before, after = self._surroundings("-shared" in kind)
        return [*driver, fuse, *kind, *before, *map(str, objects), *flags, *after, "-o", str(output)]

    def _surroundings(self, shared):
        """What the libc puts before and after the objects."""
        if self.libc == "none":
            return ["-nostdlib", "-nostartfiles"], []
        if self.libc == "glibc":
            return [], []
        _, objects, libraries = places.musl_folders(self.machine)
        gcc = GNU_DRIVERS[self.machine, "c"]
        begin, end = places.compiler_file(gcc, "crtbeginS.o"), places.compiler_file(gcc, "crtendS.o")
        start = [] if shared else [str(objects / "Scrt1.o")]
        return (["-nostdlib", *start, str(objects / "crti.o"), begin],
                [f"-L{libraries}", f"-L{objects}", "-lc", places.compiler_file(gcc, "libgcc.a"), end,
                 str(objects / "crtn.o")])
