"""dlmopen: objects in namespaces of their own, with a libc of their own."""

from sources import sources_of
from workshop.recipe import Library, variants

from .common import announcer, answers, opening

_CASES = sources_of(__file__)

_COUNTER = Library("counter", _CASES / "libcounter.c")


def apart(name, program, *libraries, **choices):
    usual = {"libcs": ("glibc",), "newer_libcs": True, "compile": ("-D_GNU_SOURCE",)}
    return opening(name, _CASES / program, *libraries, **{**usual, **choices})


_APART = apart("each new namespace has its own libc and its own variables", "apart.c", _COUNTER,
               shows=("base is in: 0", "one is in: 1", "two is in: 2", "one counts: 3", "two counts: 1"))

_OWNER = Library("owner", "int count_on(void);\nint owner_counts(void) { return count_on(); }\n", needs=("counter",))
_LATER = apart("what is opened later in a namespace finds what is there", "later.c", _COUNTER, _OWNER,
               arguments=("{lib}/libcounter.so",), shows=("the owner counts: 2", "counts anew: 1"))

_ASKED = Library("asked", _CASES / "libasked.c", link=("-Wl,--version-script={source}/versions",),
                 files=(("versions", "ONE_1 { global: *; };\nONE_2 {} ONE_1;\n"),))
_ASK = apart("dlsym, dlvsym, dladdr and dlinfo answer about another namespace", "asked.c", _ASKED,
             shows=("newest: 2", "file: libasked.so", "RTLD_DI_LMID: 1", "its value: 11"))

_GONE = answers("gone", "gone", 1, link=("-Wl,-soname,libgone.so.7",))
_NEEDY = Library("needy", "int gone(void);\nint needy(void) { return gone(); }\n", needs=("gone",))
_LACKING = Library("lacking", "int nowhere(void);\nint lacking(void) { return nowhere(); }\n")
_REFUSED = apart("what dlmopen refuses it refuses in libc's words", "refused.c", _COUNTER, _GONE, _NEEDY, _LACKING,
                 arguments=("/etc/passwd",), shows=("because: /etc/passwd: invalid ELF header", "no error: (null)"))

_INNER, _OUTER = announcer("inner"), announcer("outer", needs=("inner",))
_EXIT = apart("at exit other namespaces end before the program's", "order.c", _INNER, _OUTER)
_CLOSE = variants(_EXIT, name="a namespace ends with its last handle, and begins anew", arguments=("close",))

_MANY = apart("as many namespaces can be made as libc has", "many.c", _COUNTER, arguments=("libcounter.so",))
_LARGE = Library("large", """
static __thread char large[600] __attribute__((tls_model("initial-exec")));
char *address(void) { return large; }
""")
_MUCH_STORAGE = variants(_MANY, name="the static storage of namespaces ends where libc's does",
                         libraries=(_LARGE,), arguments=("liblarge.so",))

_STORAGE = Library("storage", _CASES / "libstorage.c", link=("-pthread",))
_THREADS = apart("threads older and younger than a namespace have its storage", "threads.c", _STORAGE,
                 shows=("dynamic: 6", "initial: 7", "thread of its own: 506"))

_INSIDE = apart("code in a namespace throws, opens, looks up and calls back", "inside.c", _COUNTER,
                Library("inside", _CASES / "libinside.cc", language="c++"),
                shows=("catch_one: thrown over 4", "compute: 4.000000 the same found"))

_CALLBACK = Library("callback", _CASES / "libcallback.c", compile=("-fexceptions",))
_THROUGH = apart("what the program throws passes through another namespace", "through.cc", _CALLBACK, language="c++",
                 shows=("nothing thrown: 1", "caught: 42"))
_OUTSIDE = apart("code in a namespace opens in the program's", "outside.c", _COUNTER, _CALLBACK,
                 link=("-pthread", "-rdynamic"),
                 shows=("from inside: 2", "counts: 3", "anew from inside: 1", "the program's: 55"))

_SHOWN = apart("debuggers are shown other namespaces", "shown.c", _COUNTER, compile=("-D_GNU_SOURCE", "-fPIC"),
               shows=("version: 1", "version: 2", "lists: 2"))

_CALLING = Library("calling", _CASES / "libcalling.c", link=("-Wl,-rpath,{lib}",))
_CALLER = apart("an object is searched by the run path of the library that calls", "caller.c", _COUNTER, _CALLING,
                needs=("calling",), preload=("calling",), run_path=False, newer_libcs=False)
_BY_LIBRARY_PATH = variants(
    _LATER, name="a namespace is searched for by LD_LIBRARY_PATH, and what is needed there", run_path=False,
    environment=(("LD_LIBRARY_PATH", "{lib}"),))

_EARLY = apart("a constructor of start-up makes a namespace", "early.c", _COUNTER,
               Library("calling", _CASES / "libcalling.c", compile=("-DWHEN_CONSTRUCTED",)), needs=("calling",),
               shows=("constructor counts: 1", "counts: 2"))
_FORKED = apart("a child of fork uses, closes and opens namespaces", "forked.c", _COUNTER,
                shows=("the child: 21", "counts: 2"))
_TOGETHER = apart("threads open namespaces at the same time", "together.c", _COUNTER, shows=("wrong: 0", "namespaces were made: yes"))

RECIPES = [_APART, _LATER, _ASK, _REFUSED, _EXIT, _CLOSE, _MANY, _MUCH_STORAGE, _THREADS, _INSIDE, _THROUGH, _OUTSIDE, _SHOWN, _CALLER,
           _BY_LIBRARY_PATH, _EARLY, _FORKED, _TOGETHER]
