"""A small root of its own, with one libc, both loaders, and in many folders a library that tells which folder it is in.

Its programs are linked once; what is to differ, a run path or a needed name, is overwritten in their bytes. They run as
nobody, in a folder of nobody's.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from loaders import loader
from process import environment, run

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "programs"))

from workshop import places  # noqa: E402  (needs the path above)
from workshop.builder import run_step  # noqa: E402
from workshop.toolchain import Toolchain  # noqa: E402

RUN_PATH = "@" * 700  # what is linked where a run path is to be
FOLDER = "%" * 60  # the same for what a library tells
NEEDED = "/opt/libask000.so"  # the library that asks; its number is overwritten
OUR_LOADER, MULTIARCH = "/loader", {"glibc": "x86_64-linux-gnu", "musl": "x86_64-linux-musl"}
NOBODY = 65534
# Each holds libwho.so and libnew.so: the current folder, what may lie in it, and the origins and what lies beside them.
FOLDERS = ("", "a", "b", "sub", "here", "here/sub", "here/lib/x86_64-linux-gnu", "here/a",
           "home", "home/sub", "homesub", "home/lib/x86_64-linux-gnu", "home/home/sub", "opt", "opt/sub", "optsub",
           "opt/lib/x86_64-linux-gnu", "usr/lib/app", "usr/lib/app/sub", "usr/lib/appsub", "$WORD", "home/$WORD")
RUN_PATHS = {"none": [], "RPATH": ["-Wl,--disable-new-dtags", f"-Wl,-rpath,{RUN_PATH}"],
             "RUNPATH": ["-Wl,--enable-new-dtags", f"-Wl,-rpath,{RUN_PATH}"]}
PROGRAM_FOLDERS = ("/home", "/usr/lib/app", "/")


class World:
    def __init__(self, folder, libc, root=None):
        self.folder, self.libc, self.root = folder, libc, root
        self.built = folder / "built"
        self.has_proc = True
        for name in ("proc", "opt", "lib64", "etc", "built", f"lib/{MULTIARCH[libc]}", f"usr/lib/{MULTIARCH[libc]}"):
            (folder / name).mkdir(parents=True)
        self._install_loaders()
        self._build()

    @property
    def interpreter(self):
        return places.interpreter(self.libc, "x86_64")

    def _install_loaders(self):
        system = Path("/lib") / MULTIARCH[self.libc]
        libraries = self.root.library_dirs[0] if self.root else system
        shutil.copy(loader("x86_64"), self.folder / OUR_LOADER[1:])
        theirs = self.root.loader if self.root else Path(self.interpreter)
        shutil.copy(theirs, self.folder / self.interpreter[1:])
        if self.libc == "glibc":
            shutil.copy(libraries / "libc.so.6", self.folder / f"lib/{MULTIARCH['glibc']}")
            shutil.copy(theirs, self.folder / f"lib/{MULTIARCH['glibc']}/ld-linux-x86-64.so.2")
        else:
            # Debian's own: its last line ends in a newline.
            self.set_path_file("".join(f"{folder}/{MULTIARCH['musl']}\n" for folder in ("/lib", "/usr/lib")))

    def set_path_file(self, text):
        """Writes musl's list of the system's folders; None takes it away."""
        file = self.folder / "etc/ld-musl-x86_64.path"
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text)

    def _build(self):
        source = f'const char *who(void) {{ return "{FOLDER}"; }}'
        answers = self._library("answers.so", self._compile("answers", source))
        self.answers = answers.read_bytes()
        for folder in FOLDERS:
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
            for name in ("libwho.so", "libnew.so"):
                self.put_library(f"{folder}/{name}", folder or "/")
        self.put_library(f"lib/{MULTIARCH[self.libc]}/libwho.so", "system")
        for name in ("here", "here/sub"):
            os.chown(self.folder / name, NOBODY, NOBODY)
        self._build_askers((HERE / "asks.c").read_text())
        self._program("names", self.built / "needs.o", self._library("named.so", self.built / "answers.o",
                                                                     f"-Wl,-soname,{RUN_PATH}"))
        if self.libc == "glibc":
            tells = self._compile("tells", (HERE / "tells_search_path.c").read_text())
            for tag in RUN_PATHS:
                self._program(f"tells-{tag}", tells, *RUN_PATHS[tag])

    def _build_askers(self, source):
        """KIND-TAG, a program that asks; libKIND-TAG.so, a library that asks; KIND-below-TAG, the library's program."""
        who = self._library("libwho.so", self.built / "answers.o")
        caller = self._compile("caller", source, "-DBELOW")
        for kind, flags, needs in (("needs", ["-DNEEDS"], [who]), ("opens", [], [])):
            program = self._compile(kind, source, *flags)
            library = self._compile(f"{kind}-library", source, *flags, "-DLIBRARY")
            for tag, path in RUN_PATHS.items():
                self._program(f"{kind}-{tag}", program, *needs, *path)
                self._library(f"lib{kind}-{tag}.so", library, f"-Wl,-soname,{NEEDED}", *needs, *path)
            for tag, path in RUN_PATHS.items():
                self._program(f"{kind}-below-{tag}", caller, self.built / f"lib{kind}-none.so", *path)

    def _chain(self):
        return Toolchain(self.libc, "x86_64", "gcc", "gnu")

    def _compile(self, name, source, *flags):
        text = self.built / f"{name}.c"
        text.write_text(source)
        run_step(self._chain().compile(text, text.with_suffix(".o"), "c", ["-fPIC", *flags]))
        return text.with_suffix(".o")

    def _library(self, name, compiled, *flags):
        output = self.built / name
        run_step(self._chain().link_library([compiled], output, "c", ["-nostdlib", *map(str, flags)]))
        return output

    def _program(self, name, compiled, *flags):
        output = self.built / name
        flags = ["-Wl,--no-as-needed", "-Wl,--allow-shlib-undefined", *map(str, flags)]
        run_step(self._chain().link_program([compiled], output, "c", self.interpreter, True, flags))

    def put_library(self, name, tells, mode=0o755):
        """A library at `name` whose who() answers `tells`."""
        file = self.folder / name
        file.write_bytes(overwritten(self.answers, FOLDER, tells))
        file.chmod(mode)

    def put(self, built, place, *changes, mode=0o755):
        """Copies what was built to `place`, each (old text, new text) of `changes` overwritten."""
        image = (self.built / built).read_bytes()
        for old, new in changes:
            image = overwritten(image, old, new)
        file = self.folder / place.lstrip("/")
        file.write_bytes(image)
        file.chmod(mode)

    def run(self, starts):
        """Runs each (command, environment); returns (status, standard output) of each."""
        commands = [{"command": [str(word) for word in command], "environment": variables}
                    for command, variables in starts]
        mounts = ["proc"] if self.has_proc else []
        inside = ["unshare", "--mount", "--propagation", "private", sys.executable, HERE / "in_world.py", self.folder]
        result = run([*inside, *mounts], stdin=json.dumps(commands), timeout=120, env=environment())
        assert result.status == 0, result
        return [(status, output) for status, output, _ in json.loads(result.out)]


def overwritten(image, old, new):
    old, new = old.encode(), new.encode()
    assert len(new) <= len(old), new
    assert old in image, old
    return image.replace(old, new + bytes(len(old) - len(new)))
