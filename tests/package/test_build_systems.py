"""What ldseal-dev brings for other build systems links a static and a dynamic program, which run sealed.

The packages' files are laid over /usr for the commands of a test, in a mount namespace that ends with them.
"""

import os

import pytest

from loaders import PROJECT
from process import run

EXAMPLES = "/usr/share/doc/ldseal-dev/examples"
STEPS = {
    "make": "make",
    "cmake": "cmake -S . -B build >/dev/null && cmake --build build >/dev/null && cp build/hello-* .",
    "meson": "meson setup build >/dev/null && ninja -C build >/dev/null && cp build/hello-static build/hello-dynamic .",
    "ldseal-cc": "ldseal-cc hello.c -o hello-static && ldseal-cc --dynamic hello.c -o hello-dynamic",
    "ldseal-cc with clang": "ldseal-cc --compiler=clang hello.c -o hello-static && "
                            "ldseal-cc --compiler=clang --dynamic hello.c -o hello-dynamic",
}


@pytest.fixture
def installed(unpacked, tmp_path):
    """installed(script): runs a shell script where the packages are installed, in a copy of the examples."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to lay the packages' files over /usr")
    work = tmp_path / "work"
    work.mkdir()

    def run_there(script):
        prepare = 'mount -t overlay overlay -o lowerdir="$0/usr":/usr /usr && cd "$1" && cp -r "$2"/. . && '
        return run(["unshare", "--mount", "sh", "-c", prepare + script, unpacked, work, EXAMPLES], timeout=120)
    return run_there


@pytest.mark.parametrize("kind", ["static", "dynamic"])
@pytest.mark.parametrize("how", STEPS.values(), ids=STEPS)
def test_a_program_is_built_and_runs_sealed(installed, how, kind):
    result = installed(f"{how} >build.log 2>&1 || {{ cat build.log; exit 1; }}; ./hello-{kind}; "
                       f"readelf -lW hello-{kind} | grep -o '/lib.*ld-[^]]*'")
    assert result.out.startswith("hello: "), result
    line, *interpreter = result.out.splitlines()
    _, sealed, _, of, *_ = line.split()
    assert int(sealed) >= int(of) - 1 > 0, result  # all but [vsyscall], or one that the kernel made
    assert interpreter == ([] if kind == "static" else ["/lib64/ld-seal-x86_64.so.1"])


def test_the_library_that_is_asked_for_must_not_be_newer(installed):
    result = installed("printf 'cmake_minimum_required(VERSION 3.18)\\nproject(a C)\\nfind_package(ldseal 99 REQUIRED)\\n'"
                       " >CMakeLists.txt; cmake -B other 2>&1")
    assert result.status == 1 and "99" in result.out, result


def test_the_pieces_for_pkg_config_have_the_version_of_the_project(installed):
    (line,) = [line for line in (PROJECT / "meson.build").read_text().splitlines() if " version: " in line]
    result = installed("pkg-config --modversion ldseal ldseal-dynamic")
    assert result.out.split() == [line.split("'")[1]] * 2, result
