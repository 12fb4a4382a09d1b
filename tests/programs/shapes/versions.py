"""Symbol versions. musl has none, so programs without libc and with glibc only."""

from workshop.recipe import Library, Recipe

_TWO_VERSIONS = """
int first_answer(void) { return 1; }
int second_answer(void) { return 2; }
__asm__(".symver first_answer, answer@V1");
__asm__(".symver second_answer, answer@@V2");
int unchanged(void) { return 3; }
"""


_MAPS = {
    "two": "V1 { global: answer; unchanged; local: first_answer; second_answer; };\nV2 { global: answer; } V1;\n",
    "first": "FIRST { global: who; local: *; };\n",
    "second": "SECOND { global: who; local: *; };\n",
}


def _versioned(name, source, script):
    return Library(name, source, link=(f"-Wl,--version-script={{source}}/{script}.map",),
                   files=((f"{script}.map", _MAPS[script]),))


_DEFAULT = Recipe(
    "a new program is bound to the default version", """
#include "observe.h"
int answer(void), unchanged(void);
int main(void) {
  say_number("answer", answer());
  say_number("unchanged", unchanged());
  return 0;
}
""", (_versioned("versioned", _TWO_VERSIONS, "two"),), libcs=("none", "glibc"), linkers=("gnu", "lld"),
    shows=("answer: 2", "unchanged: 3"))

_OLD = Recipe(
    "an old program is bound to the hidden version it was linked with", """
#include "observe.h"
__asm__(".symver old_answer, answer@V1");
int old_answer(void), answer(void);
int main(void) {
  say_number("old", old_answer());
  say_number("new", answer());
  return 0;
}
""", (_versioned("versioned", _TWO_VERSIONS, "two"),), libcs=("none", "glibc"), shows=("old: 1", "new: 2"))

_UNVERSIONED_REFERENCE = Recipe(
    "a reference without a version is bound to the oldest version", """
#include "observe.h"
int answer(void);
int main(void) { say_number("answer", answer()); return 0; }
""", (Library("stub", "int answer(void) { return 0; }\n", link=("-Wl,-soname,libversioned.so",)),
      _versioned("versioned", _TWO_VERSIONS, "two")), needs=("stub",), libcs=("none", "glibc"), shows=("answer: 1",))

_OTHER_VERSION_PASSED_OVER = Recipe(
    "a definition with another version is passed over", """
#include "observe.h"
const char *who(void);
int main(void) { say_text("who", who()); return 0; }
""", (_versioned("first", 'const char *who(void) { return "first"; }\n', "first"),
      _versioned("second", 'const char *who(void) { return "second"; }\n', "second")), needs=("second",),
    preload=("first",), libcs=("none", "glibc"), linkers=("gnu", "lld"), shows=("who: second",))

_UNVERSIONED_INTERPOSER = Recipe(
    "a definition without versions interposes on a versioned reference", """
#include "observe.h"
const char *who(void);
int main(void) { say_text("who", who()); return 0; }
""", (_versioned("first", 'const char *who(void) { return "first"; }\n', "first"),
      Library("plain", 'const char *who(void) { return "plain"; }\n')), needs=("first",), preload=("plain",),
    libcs=("none", "glibc"), shows=("who: plain",))

_PROGRAM_INTERPOSES = Recipe(
    "the program's definition without versions interposes inside a versioned library", """
#include "observe.h"
int answer(void) { return 50; }
int asked(void);
int main(void) { say_number("asked", asked()); return 0; }
""", (_versioned("versioned", _TWO_VERSIONS.replace("int unchanged(void) { return 3; }", "") +
                 "int answer(void);\nint unchanged(void) { return answer(); }\n"
                 "int asked(void) { return unchanged(); }\n", "two"),), libcs=("none", "glibc"),
    link=("-Wl,--export-dynamic",), shows=("asked: 50",))

_OWN_VERSIONS = Recipe(
    "a program with versions of its own gives them to its library", """
#include "observe.h"
int given(void) { return 6; }
int taken(void);
int main(void) { say_number("taken", taken()); return 0; }
""", (Library("taker", "int given(void);\nint taken(void) { return given(); }\n"),), libcs=("none", "glibc"),
    link=("-Wl,--export-dynamic",), shows=("taken: 6",))

_WEAK_VERSION = Recipe(
    "a weak reference to a version that a library has is bound", """
#include "observe.h"
int answer(void) __attribute__((weak));
int main(void) {
  claim("found", OPAQUE(&answer) != 0);
  say_number("answer", answer());
  return 0;
}
""", (_versioned("versioned", _TWO_VERSIONS, "two"),), compile=("-fPIC",), libcs=("none", "glibc"),
    shows=("answer: 2",))

RECIPES = [_DEFAULT, _OLD, _UNVERSIONED_REFERENCE, _OTHER_VERSION_PASSED_OVER, _UNVERSIONED_INTERPOSER,
           _PROGRAM_INTERPOSES, _OWN_VERSIONS, _WEAK_VERSION]
