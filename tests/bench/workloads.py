"""What is measured, against what, and the ratio that must not be exceeded. Everything built lies in build/bench.

Reference and candidate are two copies of the same program that differ only in PT_INTERP. Both are patched, and to
paths of the same length, because patchelf rearranges a file: the loaders must see the same layout.
"""

import dataclasses
import shutil
import subprocess
import threading
from pathlib import Path

import generate
import load_floor
import loaders
from sources import sources_of
from static_workloads import StaticWorkload, Unavailable
from system_workloads import ScriptWorkload

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "build" / "bench"
CANDIDATE = loaders.loader("x86_64")
REFERENCES = {"glibc": loaders.SYSTEM_LOADERS["x86_64"], "musl": Path("/lib/ld-musl-x86_64.so.1")}
HELLO = "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n"
HELLO_STREAM = "#include <iostream>\nint main() { std::cout << \"hello\\n\"; }\n"
LIVE_THREADS = sources_of(__file__) / "live_threads.c"
THREADS_IN_TURN = sources_of(__file__) / "threads_in_turn.c"
FLOOR = sources_of(__file__) / "floor.c"
LOAD_FLOOR = sources_of(__file__) / "load_floor.c"

_building = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    make: object  # () -> Path of the program, linked for the system's loader
    arguments: tuple = ()
    libc: str = "glibc"
    limit: float | None = None  # of candidate / reference, medians of wall time; None: only reported
    sealing_limit: float | None = None  # of sealed / not sealed, both under the candidate
    floor: object = None  # Workload -> command line that makes the kernel's calls of such a start under libc's own loader
    floor_limit: float | None = None  # of candidate / floor

    @property
    def reference_loader(self):
        return REFERENCES[self.libc]

    def commands(self):
        """Name of what is compared to the (reference, candidate) command lines: the loaders as the program's
        interpreter and as a command, and the candidate without and with sealing."""
        if not self.reference_loader.exists():
            raise Unavailable(f"no loader {self.reference_loader}")
        if not CANDIDATE.exists():  # ours: never a reason to skip
            raise FileNotFoundError(f"{CANDIDATE} is not built")
        program = self.make()
        words = [str(word) for word in self.arguments]
        patched = [str(_with_interpreter(program, self, role)) for role in ("reference", "candidate")]
        commands = {
            "interpreter": ([patched[0], *words], [patched[1], *words]),
            "command": ([str(self.reference_loader), str(program), *words], [str(CANDIDATE), str(program), *words]),
            "sealing": (["LDSEAL=off", patched[1], *words], ["LDSEAL=on", patched[1], *words]),
        }
        if self.floor is not None:
            commands["floor"] = (self.floor(self), [patched[1], *words])
        return commands

    def limit_of(self, launcher):
        return {"interpreter": self.limit, "sealing": self.sealing_limit, "floor": self.floor_limit}.get(launcher)


def _installed(name):
    def find():
        path = shutil.which(name)
        if path is None:
            raise Unavailable(f"no {name} on this machine")
        return Path(path).resolve()
    return find


def _compiled(name, source, compiler, *options):
    """`source` is a file or, if it is short, its text."""
    def build():
        folder = FOLDER / "programs"
        program = folder / name
        with _building:
            if not program.exists():
                folder.mkdir(parents=True, exist_ok=True)
                language = "c++" if compiler.endswith("++") else "c"
                file, text = ("-", source) if isinstance(source, str) else (str(source), None)
                _run([compiler, *options, "-O2", "-x", language, file, "-o", str(program)], text)
        return program
    return build


def _libraries(*shape, **more):
    return lambda: generate.libraries_program(FOLDER / "generated", generate.Shape(*shape, **more))


def _many_names(count):
    return lambda: generate.many_names_program(FOLDER / "generated", count)


def _floor_of_a_start(workload):
    compiler = {"glibc": "clang", "musl": "musl-gcc"}[workload.libc]
    program = _compiled(f"floor-{workload.libc}", FLOOR, compiler)()
    return [str(_with_interpreter(program, workload, "reference")), str(workload.reference_loader)]


def _floor_of_loading(workload):
    tool = _compiled("load-floor", LOAD_FLOOR, "clang")()
    return load_floor.command(tool, workload.reference_loader, workload.make(), FOLDER)


WORKLOADS = (
    Workload("hello", _compiled("hello", HELLO, "clang"), floor=_floor_of_a_start, floor_limit=1.10),
    Workload("hello-musl", _compiled("hello-musl", HELLO, "musl-gcc"), libc="musl", limit=1.45,
             floor=_floor_of_a_start),
    Workload("hello-c++", _compiled("hello-c++", HELLO_STREAM, "clang++")),
    Workload("ls", _installed("ls"), ("/",)),
    Workload("cat", _installed("cat"), ("/dev/null",)),
    Workload("bash", _installed("bash"), ("-c", ":")),
    Workload("git", _installed("git"), ("--version",)),
    Workload("ffmpeg", _installed("ffmpeg"), ("-version",), floor=_floor_of_loading),
    Workload("clang", _installed("clang-14"), ("--version",), limit=1.0, sealing_limit=1.05),
    # 0.55 and 0.21 where a page fault of new memory takes 4 µs, 0.72 and 0.38 where it takes 13.
    Workload("libraries-300", _libraries(300), limit=0.75, floor=_floor_of_loading),
    Workload("libraries-1000", _libraries(1000), limit=0.45, floor=_floor_of_loading),
    Workload("libraries-300-all-needed", _libraries(300, needed=300)),
    Workload("names-100000", _many_names(100_000)),
    Workload("live-threads-10000", _compiled("live-threads", LIVE_THREADS, "clang", "-pthread"), (10_000,), limit=1.0),
    Workload("live-threads-10000-musl", _compiled("live-threads-musl", LIVE_THREADS, "musl-gcc", "-pthread"), (10_000,),
             libc="musl", limit=1.0),
    Workload("threads-in-turn-2000", _compiled("threads-in-turn", THREADS_IN_TURN, "clang", "-pthread"), (2_000,)),
    Workload("threads-in-turn-2000-musl", _compiled("threads-in-turn-musl", THREADS_IN_TURN, "musl-gcc", "-pthread"),
             (2_000,), libc="musl"),
    ScriptWorkload("script-1000", 1000),
    StaticWorkload("hello-static", limit=1.05),
    StaticWorkload("hello-static-c++", "c++"),
    StaticWorkload("hello-static-musl", libc="musl"),
)


def find(name):
    return next(workload for workload in WORKLOADS if workload.name == name)


def _with_interpreter(program, workload, role):
    """A copy of the program whose PT_INTERP is a link to the loader of this role, remade when the program changed."""
    loader = CANDIDATE if role == "candidate" else workload.reference_loader
    # "reference" and "candidate" are words of the same length: so are the two paths.
    link = FOLDER / "interpreters" / workload.libc / role
    # Beside generated libraries: they are found through $ORIGIN. Elsewhere: never write beside installed programs.
    beside = FOLDER / "generated" in program.parents
    copy = program.with_name(f"program-{role}") if beside else FOLDER / "patched" / role / program.name
    with _building:
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink() or link.readlink() != loader:
            link.unlink(missing_ok=True)
            link.symlink_to(loader)
        if not copy.exists() or copy.stat().st_mtime < program.stat().st_mtime:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(program, copy)
            _run(["patchelf", "--set-interpreter", str(link), str(copy)])
    return copy


def _run(command, text=""):
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} exits {done.returncode}: {done.stderr}")
