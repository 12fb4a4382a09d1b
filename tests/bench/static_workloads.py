"""Static programs that seal themselves (crt/) against the same programs with libc's own start objects. Everything built
lies in build/bench/static, anew each time: the start objects may have changed."""

import dataclasses
import shutil
import subprocess
import threading
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "build" / "bench" / "static"
WRAPPERS = {"c": PROJECT / "build/crt/ldseal-cc", "c++": PROJECT / "build/crt/ldseal-c++"}
COMPILERS = {"c": "gcc", "c++": "g++"}
LAUNCHER = "static"
LINKED = ("-fPIE", "-static-pie", "-Wl,-z,relro,-z,now")
MUSL_HEADERS, MUSL = "/usr/include/x86_64-linux-musl", "/usr/lib/x86_64-linux-musl"
SOURCES = {
    "c": ("hello.c", "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n"),
    "c++": ("hello.cc", "#include <iostream>\nint main() { std::cout << \"hello\\n\"; }\n"),
}

_building = threading.Lock()


class Unavailable(Exception):
    """Something that a workload needs is not on this machine; the text names it."""


@dataclasses.dataclass(frozen=True)
class StaticWorkload:
    name: str
    language: str = "c"
    libc: str = "glibc"
    limit: float | None = None  # of sealed / stock, medians of wall time; None: only reported

    def commands(self):
        """Name of what is compared to the (reference, candidate) command lines."""
        folder = FOLDER / self.name
        name, text = SOURCES[self.language]
        with _building:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
            stock, sealed = folder / "linked-reference", folder / "linked-candidate"
            _run(self._stock(folder / name, stock))
            _run([WRAPPERS[self.language], f"--libc={self.libc}", "-O2", folder / name, "-o", sealed])
            # How a file was written decides in what pieces the page cache has it, and so how fast it starts.
            commands = [[str(shutil.copy(each, folder / role))] for each, role in ((stock, "reference"), (sealed, "candidate"))]
        return {LAUNCHER: tuple(commands)}

    def limit_of(self, launcher):
        return self.limit if launcher == LAUNCHER else None

    def _stock(self, source, output):
        command = [COMPILERS[self.language], "-O2", *LINKED, "-o", output]
        if self.libc == "glibc":
            return [*command, source]
        if shutil.which("musl-gcc") is None:
            raise Unavailable("no musl-gcc on this machine")
        return [*command, "-nostdinc", "-isystem", MUSL_HEADERS, "-nostdlib", f"{MUSL}/rcrt1.o", f"{MUSL}/crti.o", source,
                f"{MUSL}/libc.a", "-lgcc", f"{MUSL}/crtn.o"]


def _run(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} exits {done.returncode}: {done.stderr}")
