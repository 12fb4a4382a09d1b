"""What glibc's loader says on standard error of objects that it uses all the same: the same words, in the same order."""

import struct

import pytest

COPIED = "int copied[{}] = {{1}};\n"
READS = "extern int copied[8]; int main(void) { return copied[0] - 1; }\n"
CALLS = "int versioned(void); int main(void) { return versioned(); }\n"


def warned(lab, program):
    """What both loaders say, and do, of a program."""
    wanted = lab.run(program, loader=lab.theirs)
    assert lab.run(program) == wanted
    return wanted


@pytest.mark.parametrize("now, is_told", [(8, False), (9, True), (7, False)])
def test_a_copy_of_another_size_than_the_object_has(glibc_lab, now, is_told):
    lab = glibc_lab
    library = lab.library("libcopied.so", source=COPIED.format(8))
    program = lab.program("program", [library], source=READS, pie=False, flags=[f"-Wl,-rpath,{lab.folder}"])
    lab.library("libcopied.so", source=COPIED.format(now))
    told = warned(lab, program).stderr
    assert told == (f"{program}: Symbol `copied' has different size in shared object, consider re-linking\n"
                    if is_told else "")


def versioned(lab, *versions):
    script = lab.path("version.map")
    script.write_text("".join(f"{name} {{ global: {symbol}; }};\n" for name, symbol in versions))
    source = "int versioned(void) { return 0; }\nint other(void) { return 0; }\n"
    flags = [f"-Wl,--version-script={script}"] if versions else []
    return lab.library("libversioned.so", source=source, flags=flags)


def test_a_library_that_has_lost_its_versions(glibc_lab):
    lab = glibc_lab
    library = versioned(lab, ("V1", "versioned"))
    program = lab.program("program", [library], source=CALLS, flags=[f"-Wl,-rpath,{lab.folder}"])
    versioned(lab)
    told = warned(lab, program).stderr
    assert told == f"{program}: {library}: no version information available (required by {program})\n"


def test_a_library_that_has_lost_a_version_of_which_a_program_needs_little(glibc_lab):
    """vna_flags says it (VER_FLG_WEAK): some linkers mark a version so to which only weak references go."""
    lab = glibc_lab
    source = ("int versioned(void);\n__attribute__((weak)) int other(void);\n"
              "int main(void) { return versioned() + (other != 0); }\n")
    library = versioned(lab, ("V1", "versioned"), ("V2", "other"))
    program = lab.program("program", [library], source=source, flags=[f"-Wl,-rpath,{lab.folder}"])
    hash_of_v2, none, weak = struct.pack("<I", 0x592), struct.pack("<H", 0), struct.pack("<H", 2)
    image = program.read_bytes()
    assert image.count(hash_of_v2 + none) == 1
    program.write_bytes(image.replace(hash_of_v2 + none, hash_of_v2 + weak))
    versioned(lab, ("V1", "versioned"))
    told = warned(lab, program).stderr
    assert told == f"{program}: {library}: weak version `V2' not found (required by {program})\n"
