"""Builds small programs and libraries exactly where a test wants them, and runs them under our loader and under
glibc's. Without libc unless a test asks for one."""

import os
import shutil
import subprocess

import pytest

from workshop import places
from workshop.builder import run_step
from workshop.launch import SECONDS, execute
from workshop.toolchain import Toolchain

AS_NOBODY = ("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
ASKING = """
#include "observe.h"
const char *who(void);
int main(int argc, char **argv) {
  say_text("who", who());
  for (int n = 0; n < argc; ++n) say_text("argument", n ? argv[n] : last_component(argv[n]));
  return 3;
}
"""
SILENT = """
#include "observe.h"
int main(void) { say("main"); return 0; }
"""


class Laboratory:
    def __init__(self, folder, machine, libc="none"):
        self.folder = folder
        self.machine = machine
        self.libc = libc

    def path(self, name):
        """A path in the laboratory, its folder made."""
        result = self.folder / name
        result.parent.mkdir(parents=True, exist_ok=True)
        return result

    def library(self, name, tells=None, source=None, needs=(), flags=(), machine=None, function="who",
                compile=()):
        """A shared library. `tells` is what its who() answers; `needs` are files it is linked with."""
        if source is None:
            only = name.rsplit("/")[-1].split(".")[0]
            source = f'const char *{function}(void) {{ return "{tells}"; }}\n' if tells else f"int only_{only};\n"
        return self._build(name, source, machine or self.machine, lambda chain, compiled, output: chain.link_library(
            [compiled], output, "c", [*self._linking(needs), *flags]), ["-fPIC", *compile])

    def asking_library(self, name, needs, flags=()):
        """A shared library whose who() answers what name_below() of another library tells."""
        source = "const char *name_below(void);\nconst char *who(void) { return name_below(); }\n"
        return self.library(name, source=source, needs=needs, flags=flags)

    def library_below(self, name, tells):
        return self.library(name, tells, function="name_below")

    def program(self, name, needs=(), source=ASKING, flags=(), compile=(), interpreter=None, pie=True):
        """A program; `interpreter` is its PT_INTERP, glibc's loader if not said."""
        interpreter = interpreter or places.interpreter("glibc", self.machine)
        return self._build(name, source, self.machine, lambda chain, compiled, output: chain.link_program(
            [compiled], output, "c", str(interpreter), pie, [*self._linking(needs), *flags]),
            ["-fPIC" if pie else "-fno-pie", "-DPROGRAM", *compile])

    def _build(self, name, source, machine, link, flags):
        output = self.path(name)
        chain = Toolchain(self.libc, machine, "gcc", "gnu")
        compiled = self.path(f"sources/{name}.o")
        if isinstance(source, str):
            text, source = source, compiled.with_suffix(".c")
            source.write_text(text)
        run_step(chain.compile(source, compiled, "c", flags))
        run_step(link(chain, compiled, output))
        return output

    def _linking(self, needs):
        return ["-Wl,--no-as-needed", "-Wl,--allow-shlib-undefined", *map(str, needs)]

    @property
    def ours(self):
        """Our loader, or, when the tests themselves are tested, glibc's."""
        if places.testing_recipes(self.machine):
            return self.theirs
        return places.loader_under_test(self.machine)

    def copied_loader(self):
        """Our loader where every user can reach it."""
        copy = self.folder / "loader"
        shutil.copy(self.ours, copy)
        copy.chmod(0o755)
        return copy

    @property
    def theirs(self):
        folder = places.system_folder("glibc", self.machine)
        return f"{folder or ''}{places.interpreter('glibc', self.machine)}"

    def run(self, program, *arguments, loader=None, options=(), **environment):
        """Runs `program` by the command of our loader, or of another."""
        loader = loader or self.ours
        return self.run_directly([loader, *options, program, *arguments], **environment)

    def run_directly(self, command, **environment):
        """Runs a command line as it is: with the emulator where the machine is foreign."""
        command = [str(word) for word in command]
        fresh = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/"}
        if self.machine == "x86_64":
            fresh.update(environment)
        else:
            given = [word for name, value in environment.items() for word in ("-E", f"{name}={value}")]
            folder = places.system_folder("musl" if self.libc == "musl" else "glibc", self.machine)
            command = ["qemu-aarch64", "-L", str(folder), *given, *command]
        return execute(command, fresh, SECONDS[self.machine])

    def same(self, program, *arguments, options=(), **environment):
        """Runs `program` under both loaders; status and standard output must be equal. Returns glibc's outcome."""
        wanted = self.run(program, *arguments, loader=self.theirs, options=options, **environment)
        found = self.run(program, *arguments, options=options, **environment)
        assert (found.status, found.stdout) == (wanted.status, wanted.stdout), found.stderr
        return wanted

    def told(self, program, options=(), **environment):
        """What who() answers, the same under both loaders."""
        outcome = self.same(program, options=options, **environment)
        assert outcome.status == 3, outcome
        return outcome.stdout.splitlines()[0].removeprefix("who: ")

    def refusal(self, program, *arguments, options=(), **environment):
        """The one line with which our loader refuses to run `program`."""
        if places.testing_recipes(self.machine):
            pytest.skip("glibc's loader has other words, and other limits")
        found = self.run(program, *arguments, options=options, **environment)
        lines = found.stderr.splitlines()
        assert found.status == 127, found
        assert found.stdout == "", found
        assert len(lines) == 1 and lines[0].startswith("ld-seal: "), found
        return found.stderr


def readelf(path, *options):
    return subprocess.run(["readelf", *options, "-W", str(path)], capture_output=True, text=True, check=True,
                          env=dict(os.environ, LC_ALL="C"), timeout=20).stdout
