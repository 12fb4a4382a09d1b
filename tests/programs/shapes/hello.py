"""The smallest programs: one without libraries, one with a library, one whose libraries need each other."""

from workshop.recipe import Library, Recipe

_ALONE = """
#include "observe.h"
int main(void) { say("hello"); return 7; }
"""

_WITH_LIBRARY = """
#include "observe.h"
int add(int, int);
extern int counter;
int main(void) {
  say_number("two and three", add(2, 3));
  say_number("calls", counter);
  return 0;
}
"""

_ADDER = """
int counter;
int add(int one, int other) { ++counter; return one + other; }
"""

RECIPES = [
    Recipe("a program without libraries runs and its exit status is passed on", _ALONE, status=7, shows=("hello",),
           compilers=("gcc", "clang"), linkers=("gnu", "lld")),
    Recipe("a program at a fixed address calls its library", _WITH_LIBRARY, (Library("adder", _ADDER),), pie=False,
           linkers=("gnu", "lld"), shows=("two and three: 5", "calls: 1")),
    Recipe("a program calls a function of its library", _WITH_LIBRARY, (Library("adder", _ADDER),),
           compilers=("gcc", "clang"), linkers=("gnu", "lld"), shows=("two and three: 5", "calls: 1")),
]
