"""What every guest runs, in this order: programs of each libc, and the seal probes."""

import dataclasses

import loaders

LIBCS = ("none", "musl", "glibc")
TRACED = {"LD_DEBUG": "seal"}


def loader_path(machine):
    """Where the loader under test lies in a guest: what its programs name as their PT_INTERP."""
    return f"/lib/ld-seal-{machine}.so.1"


@dataclasses.dataclass(frozen=True)
class Case:
    """One program started once. As a command means that the loader is what the kernel starts."""

    name: str
    words: tuple
    environment: dict = dataclasses.field(default_factory=dict)
    as_command: bool = False
    with_proc: bool = True
    status: int = 0
    shows: tuple = ()  # the whole standard output, where it is known

    def line(self, machine):
        """How guest/init.c reads it."""
        before = [] if self.with_proc else ["without-proc"]
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        start = [loader_path(machine)] if self.as_command else []
        return " ".join([self.name, *before, *variables, *start, *self.words])


def _hello(libc, name, **choices):
    return Case(name, (f"/bin/hello-{libc}", "kernel"), status=7, shows=("hello: kernel",), **choices)


PROGRAMS = [
    *(_hello(libc, f"hello-{libc}") for libc in LIBCS),
    *(_hello(libc, f"hello-{libc}-as-command", as_command=True) for libc in LIBCS),
    *(_hello(libc, f"hello-{libc}-without-proc", with_proc=False) for libc in LIBCS),
    *(_hello(libc, f"hello-{libc}-unsealed", environment={"LDSEAL": "off"}) for libc in LIBCS),
    Case("exceptions", ("/bin/exceptions-glibc",),
         shows=("refused at depth 3, 1 unwound, its own type", "thrown by the standard library")),
    *(Case(f"threads-{libc}", (f"/bin/threads-{libc}",), shows=("total 8000, handed back 8800, mine 100",))
      for libc in ("musl", "glibc")),
]

GUARDS = [Case(f"guards-{libc}", (f"/bin/guards-{libc}",), {"LD_DEBUG": "threads"}, shows=("guarded 8 of 8",))
          for libc in ("musl", "glibc")]

LAYOUTS = [
    *(Case(f"layout-{libc}", (f"/bin/layout-{libc}",), TRACED) for libc in LIBCS),
    Case("layout-as-command", ("/bin/layout-glibc",), TRACED, as_command=True),
    Case("layout-with-data", ("/bin/layout-glibc",), {"LDSEAL": "+data", **TRACED}),
    Case("layout-without-text", ("/bin/layout-glibc",), {"LDSEAL": "-text", **TRACED}),
]
UNSEALED_LAYOUT = Case("layout-unsealed", ("/bin/layout-glibc",), {"LDSEAL": "off"})
REQUIRED = [Case(f"required-{libc}", (f"/bin/hello-{libc}", "kernel"), {"LDSEAL": "require"}) for libc in LIBCS]

ATTACKS = [
    *(Case(f"attack-{libc}", (f"/bin/attack-{libc}",), TRACED) for libc in ("musl", "glibc")),
    Case("attack-without-proc", ("/bin/attack-glibc",), TRACED, with_proc=False),
]
UNSEALED_ATTACK = Case("attack-unsealed", ("/bin/attack-glibc",), {"LDSEAL": "off"})

# The programs of tests/seal: every attack, on what `reference` has sealed by itself and on what the loader has sealed.
MATRIX = ("/bin/matrix", "--report", "/proc/self/fd/1", "--")
REFERENCE = Case("reference", (*MATRIX, "/bin/reference", "/bin/matrix"))
MATRICES = [Case(f"matrix-{libc}", (*MATRIX, f"/bin/hello-{libc}", "kernel"), status=7) for libc in ("none", "musl")]

# Static programs that seal themselves, with crt/ instead of the loader.
STATIC_HELLOS = [Case(f"static-hello-{libc}", (f"/bin/static-hello-{libc}", "kernel"), status=7,
                      shows=("hello: kernel",)) for libc in LIBCS]
STATIC_LAYOUTS = [Case(f"static-layout-{libc}", (f"/bin/static-layout-{libc}",), TRACED) for libc in LIBCS]
STATIC_REQUIRED = [Case(f"static-required-{libc}", (f"/bin/static-hello-{libc}", "kernel"), {"LDSEAL": "require"})
                   for libc in LIBCS]
STATIC_WITHOUT_PROC = Case("static-without-proc", ("/bin/static-hello-musl", "kernel"), {"LDSEAL": "require", **TRACED},
                           with_proc=False)
STATIC_MATRICES = [Case(f"static-matrix-{libc}", (*MATRIX, f"/bin/static-hello-{libc}", "kernel"), status=7)
                   for libc in LIBCS]
STATIC = [*STATIC_HELLOS, *STATIC_LAYOUTS, *STATIC_REQUIRED, STATIC_WITHOUT_PROC, *STATIC_MATRICES]

# The trip of tests/hatch: a program that the loader has sealed is dumped and restored by CRIU, and sealed again.
CRIU_LIBRARIES = "/lib/criu"
CRIU = (f"{CRIU_LIBRARIES}/loader", "--library-path", CRIU_LIBRARIES, "/bin/criu")
CRIU_TRIP = Case("criu-trip", ("/bin/trip", "/images", "/bin/criu_victim-glibc", "--", *CRIU))


def cases_for(kernel):
    common = [*PROGRAMS, *GUARDS, *LAYOUTS, UNSEALED_LAYOUT, *REQUIRED, *ATTACKS, UNSEALED_ATTACK, REFERENCE, *MATRICES,
              *STATIC]
    return [*common, CRIU_TRIP] if kernel.has_criu else common


def loader_under_test(machine):
    path = loaders.loader(machine)
    assert path.exists(), f"{path} is not built: run tools/build"
    return path
