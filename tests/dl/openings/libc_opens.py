"""What libc opens by itself: libgcc_s for exceptions and the end of threads, sources of users, conversions."""

from sources import sources_of
from workshop.recipe import Library, variants

from .common import answers, opening, with_cplusplus

_CASES = sources_of(__file__)

_ONCE = with_cplusplus(
    "exceptions leave functions of libc that clean up after themselves", _CASES / "once.cc", newer_libcs=True,
    shows=("call_once: 42", "pthread_once: 42", "scandir: 43", "cookie: 44"))

_UNWINDER = opening(
    "libgcc_s that libc has opened is an object like any other", _CASES / "unwinder.c", libcs=("glibc",),
    newer_libcs=True, shows=("before: 0", "left with: 3", "listed: 1", "in link_map: 1", "name: _Unwind_Backtrace"))

_SMALL_STACK = opening(
    "libc opens libgcc_s on the smallest stack", _CASES / "small_stack.c", libcs=("glibc",), newer_libcs=True,
    shows=("left with: 5",))

_NUMBER = answers("told", "told_number", 777)
_MODULE = Library("nss_told", _CASES / "libnss_told.c", needs=("told",),
                  link=("-Wl,-soname,libnss_told.so.2", "-Wl,-rpath,$ORIGIN"))
_USERS = opening("", _CASES / "users.c", _NUMBER, _MODULE, libcs=("glibc",), arguments=("{lib}",),
                 run_path=False, shows=("number: 777", "modules: 1"))
_NOT_FOUND = ("number: -1", "modules: 0")

_BY_LIBRARY_PATH = variants(
    _USERS, name="libc finds a source of users by LD_LIBRARY_PATH", environment=(("LD_LIBRARY_PATH", "{lib}"),))
_BY_RPATH = variants(
    _USERS, name="libc finds a source of users by the program's DT_RPATH", newer_libcs=True,
    link=("-pthread", "-Wl,--disable-new-dtags", "-Wl,-rpath,{lib}"))
_BY_RUNPATH = variants(
    _USERS, name="libc does not find a source of users by the program's DT_RUNPATH", shows=_NOT_FOUND,
    link=("-pthread", "-Wl,--enable-new-dtags", "-Wl,-rpath,{lib}"))
_PRELOADED = variants(_USERS, name="libc takes a source of users that is preloaded", preload=("nss_told",))
_OPENED_BEFORE = variants(
    _USERS, name="libc takes a source of users that the program has opened before",
    arguments=("{lib}", "{lib}/libnss_told.so"))
_ABSENT = variants(_USERS, name="libc does without a source of users that is nowhere", shows=_NOT_FOUND)

_CONVERSIONS = opening(
    "libc opens and closes a module of iconv", _CASES / "conversions.c", libcs=("glibc",))

RECIPES = [_ONCE, _UNWINDER, _SMALL_STACK, _BY_LIBRARY_PATH, _BY_RPATH, _BY_RUNPATH, _PRELOADED, _OPENED_BEFORE,
           _ABSENT, _CONVERSIONS]
