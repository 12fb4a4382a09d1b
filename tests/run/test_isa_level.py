"""An object that needs a newer processor is refused, as by glibc, before any of its code runs."""

import pytest

from laboratory import Laboratory

# GNU_PROPERTY_X86_ISA_1_NEEDED. No processor has level 5; every one has level 1, the base line.
NOTE = """
__asm__(".pushsection .note.gnu.property,\\"a\\",@note\\n"
        ".p2align 3\\n"
        ".long 4, 16, 5\\n"
        ".asciz \\"GNU\\"\\n"
        ".long 0xc0008002, 4, {bits}, 0\\n"
        ".popsection\\n");
"""
LEVEL_1, LEVEL_5 = (NOTE.format(bits=bits) for bits in (0x01, 0x10))
NEEDING = '#include "observe.h"\nint number(void);\nint main(void) { say_number("number", number()); return 0; }\n'
OPENING = """
#include <dlfcn.h>
#include "observe.h"
int main(int count, char **names) {
  (void)count;
  say(dlopen(names[1], RTLD_NOW) ? "opened" : dlerror());
  return 0;
}
"""


@pytest.fixture
def lab(tmp_path):
    return Laboratory(tmp_path, "x86_64", libc="glibc")


def numbered(lab, note):
    return lab.library("libs/libnumber.so", source=f"{note}int number(void) {{ return 7; }}\n")


def test_what_every_processor_has_is_no_obstacle(lab):
    library = numbered(lab, LEVEL_1)
    outcome = lab.same(lab.program("program", [library], source=NEEDING, flags=[f"-Wl,-rpath,{library.parent}"]))
    assert outcome.stdout == "number: 7\n", outcome


def test_a_library_that_needs_more_is_refused(lab):
    library = numbered(lab, LEVEL_5)
    program = lab.program("program", [library], source=NEEDING, flags=[f"-Wl,-rpath,{library.parent}"])
    assert lab.run(program, loader=lab.theirs).status == 127
    assert lab.refusal(program).startswith(
        f"ld-seal: {library}: needs level 5 of the processor's instruction set, which has level ")


def test_a_program_that_needs_more_is_refused(lab):
    program = lab.program("program", source=f"{LEVEL_5}int main(void) {{ return 0; }}\n")
    assert lab.run(program, loader=lab.theirs).status == 127
    assert "needs level 5" in lab.refusal(program)


def test_what_is_only_listed_may_need_more(lab):
    library = numbered(lab, LEVEL_5)
    program = lab.program("program", [library], source=NEEDING, flags=[f"-Wl,-rpath,{library.parent}"])
    for loader in (lab.theirs, lab.ours):
        assert lab.run(program, loader=loader, options=["--list"]).status == 0


@pytest.mark.parametrize("note", [LEVEL_1, LEVEL_5], ids=["level 1", "level 5"])
def test_dlopen_answers_as_under_glibc(lab, note):
    outcome = lab.same(lab.program("program", source=OPENING), numbered(lab, note))
    expected = "opened" if note == LEVEL_1 else "CPU ISA level is lower than required"
    assert expected in outcome.stdout, outcome
