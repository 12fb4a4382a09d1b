"""ldseal-cc and ldseal-c++: what is not linked to a program is left alone, mistakes are told, and it can be installed."""

import shutil

import pytest

from crt_programs import SOURCES, compile_sealed, wrapper
from elf_file import ET_DYN, ET_EXEC, PT_INTERP, ElfFile
from loaders import PROJECT
from process import environment, run
from seal_tools import parse_trace

HELLO = SOURCES / "hello.c"


def succeed(*command, **options):
    result = run(command, timeout=120, **options)
    assert result.status == 0, result
    return result.out


def is_sealed(program):
    trace = parse_trace(run([program], env=environment(LDSEAL_DEBUG="seal")).err)
    return any(entry.is_sealed for entry in trace.plan)


def test_what_is_compiled_first_is_linked_later(tmp_path):
    succeed(wrapper(), "-c", HELLO, "-o", tmp_path / "hello.o")
    succeed(wrapper(), tmp_path / "hello.o", "-o", tmp_path / "hello")
    assert is_sealed(tmp_path / "hello")


def test_a_program_is_static_pie_unless_it_is_static(tmp_path):
    kinds = {(): ET_DYN, ("-static-pie",): ET_DYN, ("-pie",): ET_DYN, ("-static",): ET_EXEC, ("-no-pie",): ET_EXEC}
    for flags, kind in kinds.items():
        program = ElfFile(compile_sealed(tmp_path / "program", HELLO, *flags))
        assert program.type == kind and program.segments_of(PT_INTERP) == []


def test_a_shared_object_is_left_alone(tmp_path):
    succeed(wrapper(), "-shared", "-fPIC", HELLO, "-o", tmp_path / "lib.so")
    assert "ldseal" not in succeed("nm", tmp_path / "lib.so")


@pytest.mark.parametrize("question", ["--version", "-dumpmachine", "-print-search-dirs"])
def test_questions_to_the_compiler_are_answered_by_it(question):
    assert succeed(wrapper(), question) == succeed("gcc", question)


def test_the_compilers_own_failure_is_the_wrappers(tmp_path):
    (tmp_path / "wrong.c").write_text("int main(void) { return nothing; }\n")
    result = run([wrapper(), tmp_path / "wrong.c", "-o", tmp_path / "wrong"])
    assert result.status == 1 and "nothing" in result.err


MISTAKES = {
    "a libc that does not exist": (["--libc=newlib"], "no libc is called newlib; there are glibc, musl and none"),
    "start objects of one's own": (["-nostartfiles"], "-nostartfiles: say --libc=none"),
    "musl where there is none": (["--libc=musl", "--musl=/nowhere"], "no musl in /nowhere: say --musl=FOLDER"),
}


@pytest.mark.parametrize("words, message", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_one_line(words, message, tmp_path):
    result = run([wrapper(), *words, HELLO, "-o", tmp_path / "program"])
    assert (result.status, result.out, result.err) == (2, "", f"ldseal-cc: {message}\n")


def test_cpp_with_musl_is_refused(tmp_path):
    result = run([wrapper("c++"), "--libc=musl", SOURCES / "everything.cc", "-o", tmp_path / "program"])
    assert (result.status, result.err) == (2, "ldseal-c++: no C++ library for musl is known\n")


def test_a_cpp_program_may_use_the_templates_that_the_start_object_uses(tmp_path):
    """Not optimised, both have std::string_view::substr and others as functions of the same names."""
    source = tmp_path / "program.cc"
    source.write_text("#include <string_view>\nint main(int, char** words) {\n  std::string_view word(words[0]);\n"
                      "  return word.substr(1).compare(word) == 0 || word.find_first_of(\"/\") != 0;\n}\n")
    succeed(wrapper("c++"), "-O0", source, "-o", tmp_path / "program")
    assert run([tmp_path / "program"]).status == 0
    assert is_sealed(tmp_path / "program")


def test_it_works_through_a_link_and_from_elsewhere(tmp_path):
    (tmp_path / "cc").symlink_to(wrapper())
    succeed(tmp_path / "cc", HELLO, "-o", "program", cwd=tmp_path)
    assert is_sealed(tmp_path / "program")


def test_paths_and_words_with_spaces_stay_whole(tmp_path):
    folder = tmp_path / "a folder"
    folder.mkdir()
    shutil.copy(HELLO, folder / "a source.c")
    succeed(wrapper(), "-DUNUSED=a b", folder / "a source.c", "-o", folder / "a program")
    assert is_sealed(folder / "a program")


def test_the_public_headers_are_found(tmp_path):
    source = tmp_path / "program.c"
    source.write_text('#include <ldseal/policy.h>\nLDSEAL_POLICY("off");\nint main(void) { return 0; }\n')
    for libc in ("glibc", "musl", "none"):
        assert not is_sealed(compile_sealed(tmp_path / "program", source, libc=libc))


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Everything that meson installs, in a folder of its own."""
    folder = tmp_path_factory.mktemp("installed")
    succeed("meson", "install", "-C", PROJECT / "build", "--no-rebuild", "--quiet", env=environment(DESTDIR=folder))
    return folder / "usr"


def test_the_installed_wrappers_find_what_is_installed(installed, tmp_path):
    for name, source in (("ldseal-cc", HELLO), ("ldseal-c++", SOURCES / "everything.cc")):
        succeed(installed / "bin" / name, source, "-o", tmp_path / name)
        assert is_sealed(tmp_path / name)


def test_pkg_config_tells_what_glibc_needs(installed, tmp_path):
    (folder,) = [path.parent for path in installed.rglob("ldseal.pc")]
    variables = environment(PKG_CONFIG_PATH=folder)
    ask = ["pkg-config", f"--define-variable=prefix={installed}", "ldseal"]
    words = [*succeed(*ask, "--cflags", env=variables).split(), *succeed(*ask, "--libs", env=variables).split()]
    succeed("gcc", HELLO, *words, "-o", tmp_path / "program")
    assert is_sealed(tmp_path / "program")
