"""`sealctl check` of one made file of each kind: the outcome, the reason, the object at fault and what to do."""

import os
import shutil

import pytest

from check_tools import (FINDING, FINE, HEADERS, LDSEAL_CC, LIBRARY, MAIN, NOT_PERMITTED, SEALCTL, USAGE, USES_LIBRARY,
                         WRITABLE_CODE, build, build_library, check, rules, seen)
from loaders import loader
from process import run

POLICY = '#include <ldseal/policy.h>\nLDSEAL_POLICY("{}");\n' + MAIN


def with_policy(output, words, *flags):
    return build(output, f"-I{HEADERS}", "-Wl,-z,relro,-z,now", *flags, text=POLICY.replace("{}", words))


def test_a_program_with_full_relro_is_sealed(plain):
    file = seen(plain)
    assert (file["path"], file["kind"], file["outcome"]) == (str(plain), "program", "sealed")
    assert file["interpreter"] == "/lib64/ld-linux-x86-64.so.2"
    assert file["objects"] == 3  # with libc and its loader


def test_a_program_that_is_not_bound_at_once_is_sealed_because_ld_seal_binds_it(tmp_path):
    assert seen(build(tmp_path / "lazy", "-Wl,-z,relro,-z,lazy"))["outcome"] == "sealed"


@pytest.mark.parametrize("name, flags, rule, outcome", [
    ("norelro", ["-Wl,-z,norelro"], "no-relro", "partly"),
    ("execstack", ["-z", "execstack"], "executable-stack", "gives-way"),
    ("audited", ["-Wl,--audit=libaudit.so.1"], "audited", "gives-way"),
    ("static", ["-static"], "static", "static"),
    ("static-pie", ["-static-pie"], "static", "static"),
])
def test_a_program_of_each_kind_has_its_reason(tmp_path, name, flags, rule, outcome):
    program = build(tmp_path / name, *flags)
    file = seen(program)
    assert (file["outcome"], rule in rules(file)) == (outcome, True), file
    (reason,) = [reason for reason in file["reasons"] if reason["rule"] == rule]
    assert reason["object"] == str(program) and reason["text"] and reason["do"]


def test_text_relocations_give_way(tmp_path):
    text = "extern int puts(const char *);\n__asm__(\".text\\n.globl word\\nword: .quad puts\\n\");\n" + MAIN
    program = build(tmp_path / "textrel", "-pie", "-fPIE", "-Wl,-z,notext", text=text)
    assert (seen(program)["outcome"], rules(seen(program))) == ("gives-way", ["text-relocations"])


def test_a_segment_that_is_writable_and_executable_is_named(tmp_path):
    file = seen(build(tmp_path / "rwx", "-w", text=WRITABLE_CODE))
    assert (file["outcome"], rules(file)) == ("partly", ["writable-code"])
    segment = file["reasons"][0]["segment"]
    assert segment.startswith("PT_LOAD ") and segment.endswith("(rwx)")


def test_a_library_without_relro_is_the_reason_for_its_program(tmp_path):
    library = build_library(tmp_path / "libbare.so", "-Wl,-z,norelro")
    program = build(tmp_path / "user", library, "-Wl,-z,relro,-z,now", f"-Wl,-rpath,{tmp_path}", text=USES_LIBRARY)
    for path in (library, program):
        (reason,) = seen(path)["reasons"]
        assert (reason["rule"], reason["object"]) == ("no-relro", str(library))


def test_a_library_with_an_executable_stack_makes_its_program_give_way(tmp_path):
    library = build_library(tmp_path / "libstack.so", "-z", "execstack")
    program = build(tmp_path / "user", library, f"-Wl,-rpath,{tmp_path}", text=USES_LIBRARY)
    file = seen(program)
    assert (file["outcome"], file["reasons"][0]["object"]) == ("gives-way", str(library))


def test_origin_means_the_folder_of_the_real_file(tmp_path):
    (tmp_path / "lib").mkdir()
    library = build_library(tmp_path / "lib/libnear.so")
    program = build(tmp_path / "user", library, "-Wl,-rpath,$ORIGIN/lib", text=USES_LIBRARY)
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere/link"
    link.symlink_to(program)
    file = seen(link)
    assert (file["path"], file["outcome"], file["objects"]) == (str(program), "sealed", 4)


def test_every_missing_library_is_named(tmp_path):
    libraries = [build_library(tmp_path / f"lib{name}.so", text=LIBRARY.replace("function", name).replace("place", f"p{name}"))
                 for name in ("one", "two")]
    program = build(tmp_path / "user", *libraries, text="int one(void), two(void);\nint main(void) { return one() + two(); }\n")
    for library in libraries:
        library.rename(library.with_suffix(".gone"))
    program_needs = [str(library) for library in libraries]
    file = seen(program)
    assert (file["outcome"], rules(file)) == ("fails", ["missing-library"] * 2)
    assert all(any(name in reason["text"] for reason in file["reasons"]) for name in program_needs)


def test_a_program_for_another_machine_is_foreign(tmp_path):
    if shutil.which("aarch64-linux-gnu-gcc") is None:
        pytest.skip("no compiler for aarch64")
    file = seen(build(tmp_path / "arm", compiler="aarch64-linux-gnu-gcc"))
    assert (file["outcome"], rules(file)) == ("foreign", ["other-machine"])


def test_a_script_that_is_named_is_foreign_and_in_a_folder_passed_over(tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\nexit 0\n")
    assert (seen(script)["outcome"], rules(seen(script))) == ("foreign", ["not-elf"])
    status, document = check(tmp_path)
    assert (status, document["files"]) == (FINE, [])


def test_an_object_file_is_no_program(tmp_path):
    assert rules(seen(build(tmp_path / "part.o", "-c"))) == ["not-a-program"]


@pytest.mark.parametrize("flags", [(), ("-Wl,-z,norelro",)])
def test_a_static_program_with_the_start_object_is_not_called_static(tmp_path, flags):
    file = seen(build(tmp_path / "itself", *flags, "-w", compiler=LDSEAL_CC))
    assert (file["kind"], "static" in rules(file)) == ("static", False)


def test_sealctl_itself_is_sealed():
    assert seen(SEALCTL)["outcome"] == "sealed"


@pytest.mark.parametrize("words, outcome, named", [
    ("off", "unsealed", "text, relro, system, loader, plt"),
    ("-relro", "partly", "relro"),
    ("-text,-plt", "partly", "text, plt"),
])
def test_a_note_that_takes_classes_away_is_the_reason(tmp_path, words, outcome, named):
    file = seen(with_policy(tmp_path / "noted", words))
    assert (file["policy"], file["outcome"], rules(file)) == (words, outcome, ["policy"])
    assert file["reasons"][0]["text"].endswith(f": {named}")


@pytest.mark.parametrize("words", ["require", "+data", "require,final", "on"])
def test_a_note_that_takes_nothing_away_is_no_reason(tmp_path, words):
    assert seen(with_policy(tmp_path / "noted", words))["outcome"] == "sealed"


@pytest.mark.parametrize("words", ["require", "final"])
def test_with_require_or_final_there_is_no_giving_way(tmp_path, words):
    file = seen(with_policy(tmp_path / "noted", words, "-z", "execstack"))
    assert (file["outcome"], rules(file)) == ("fails", ["executable-stack"])


def test_an_unknown_word_in_the_note_keeps_the_program_from_starting(tmp_path):
    file = seen(with_policy(tmp_path / "noted", "always"))
    assert (file["outcome"], rules(file)) == ("fails", ["bad-policy"])


def test_a_library_of_a_version_that_lacks_what_is_needed(tmp_path):
    script = tmp_path / "versions"
    script.write_text("ONE { global: function; local: *; };\n")
    library = build_library(tmp_path / "libversion.so", f"-Wl,--version-script={script}")
    program = build(tmp_path / "user", library, f"-Wl,-rpath,{tmp_path}", text=USES_LIBRARY)
    script.write_text("TWO { global: function; local: *; };\n")
    build_library(library, f"-Wl,--version-script={script}")
    assert (seen(program)["outcome"], rules(seen(program))) == ("fails", ["missing-version"])


def test_a_musl_program_is_sealed(tmp_path):
    if shutil.which("musl-gcc") is None:
        pytest.skip("no musl-gcc")
    file = seen(build(tmp_path / "musl", "-Wl,-z,relro,-z,now", compiler="musl-gcc"))
    assert (file["outcome"], file["objects"]) == ("sealed", 2)


def test_a_root_has_its_own_libraries(tmp_path, plain):
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    shutil.copy(plain, root / "usr/bin/plain")
    assert rules(seen("/usr/bin/plain", "--root", root)) == ["missing-library"]
    libraries = root / "lib/x86_64-linux-gnu"
    libraries.mkdir(parents=True)
    for name in ("libc.so.6", "ld-linux-x86-64.so.2"):
        shutil.copy(f"/lib/x86_64-linux-gnu/{name}", libraries / name)
    file = seen("usr/bin/plain", "--root", root)
    assert (file["path"], file["outcome"], file["objects"]) == ("/usr/bin/plain", "sealed", 3)


def test_in_a_root_each_level_above_the_base_line_is_a_finding(tmp_path):
    """The root may be for another machine."""
    root = tmp_path / "root"
    libraries = root / "lib/x86_64-linux-gnu"
    libraries.mkdir(parents=True)
    for name in ("libc.so.6", "ld-linux-x86-64.so.2"):
        shutil.copy(f"/lib/x86_64-linux-gnu/{name}", libraries / name)
    build(root / "level3", "-Wl,-z,relro,-z,now", "-Wl,-z,x86-64-v3")
    build(root / "plain", "-Wl,-z,relro,-z,now")
    file = seen("level3", "--root", root)
    assert (file["outcome"], rules(file), file["reasons"][0]["text"]) == ("depends", ["processor"], "needs x86-64-v3")
    assert seen("plain", "--root", root)["outcome"] == "sealed"
    build(root / "bare", "-Wl,-z,norelro", "-Wl,-z,x86-64-v3")
    bare = seen("bare", "--root", root)
    assert (bare["outcome"], rules(bare)) == ("partly", ["no-relro", "processor"])


def test_where_ld_seal_has_the_name_of_libcs_loader_the_kept_one_is_used(tmp_path, plain):
    root = tmp_path / "root"
    libraries = root / "lib/x86_64-linux-gnu"
    libraries.mkdir(parents=True)
    shutil.copy(plain, root / "plain")
    shutil.copy("/lib/x86_64-linux-gnu/libc.so.6", libraries)
    shutil.copy("/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", libraries / "ld-linux-x86-64.so.2.distrib")
    shutil.copy(loader("x86_64"), libraries / "ld-linux-x86-64.so.2")
    file = seen("plain", "--root", root)
    assert (file["outcome"], file["objects"]) == ("sealed", 3)


def test_no_link_leads_out_of_a_root(tmp_path, plain):
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(plain)
    result = run([SEALCTL, "check", "--root", root, "link"])
    assert result.status == NOT_PERMITTED, result


def test_a_package_means_its_programs(tmp_path, plain):
    root = tmp_path / "root"
    lists = root / "var/lib/dpkg/info"
    lists.mkdir(parents=True)
    (root / "usr/bin").mkdir(parents=True)
    shutil.copy(plain, root / "usr/bin/one")
    (root / "usr/bin/two").write_text("#!/bin/sh\n")
    (lists / "thing:amd64.list").write_text("/.\n/usr\n/usr/bin\n/usr/bin/one\n/usr/bin/two\n/usr/bin/gone\n")
    (lists / "thing-more.list").write_text("/usr/bin/two\n")
    for name in ("thing", "thing:amd64"):
        _, document = check("--root", root, name)
        assert [file["path"] for file in document["files"]] == ["/usr/bin/one"]
    assert run([SEALCTL, "check", "--root", root, "thin"]).status == NOT_PERMITTED


def test_a_file_that_may_not_be_read_is_unknown(tmp_path, plain):
    if os.getuid() != 0:
        pytest.skip("needs root to become another user")
    tool = tmp_path / "sealctl"
    shutil.copy(SEALCTL, tool)
    copy = tmp_path / "closed" / "plain"
    copy.parent.mkdir()
    shutil.copy(plain, copy)
    copy.chmod(0o700)
    for path in (copy.parent, *copy.parents):
        if path.stat().st_uid == os.getuid() and path.is_relative_to("/tmp"):
            path.chmod(path.stat().st_mode | 0o55)
    other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    named = run([*other, tool, "check", copy])
    assert (named.status, "cannot read" in named.err) == (NOT_PERMITTED, True), named
    found = run([*other, tool, "check", copy.parent])
    assert (found.status, "unknown" in found.out) == (NOT_PERMITTED, True), found


@pytest.mark.parametrize("words, status", [
    ([], USAGE), ([""], USAGE), (["--json", "--sarif", "/bin/true"], USAGE), (["--nothing"], USAGE),
    (["/nowhere"], NOT_PERMITTED), (["--root", "/nowhere", "/"], NOT_PERMITTED),
])
def test_wrong_usage_and_missing_files_have_their_status(words, status):
    result = run([SEALCTL, "check", *words])
    assert (result.status, result.out) == (status, ""), result
    assert len(result.err.splitlines()) == 1 and result.err.startswith("sealctl: "), result


def test_files_behind_the_marker_are_checked(plain):
    result = run([SEALCTL, "check", "--", plain])
    assert (result.status, result.out) == (FINE, f"sealed     {plain}\n1 file: 1 sealed.\n"), result


def test_text_has_the_reason_and_what_to_do(tmp_path):
    program = build(tmp_path / "bare", "-Wl,-z,norelro")
    result = run([SEALCTL, "check", program])
    assert result.status == FINDING
    first, reason, remedy, totals = result.out.splitlines()
    assert first == f"partly     {program}"
    assert reason.strip().startswith("no-relro: it has no PT_GNU_RELRO")
    assert (remedy.strip(), totals) == ("link it with -Wl,-z,relro", "1 file: 0 sealed, 1 partly.")
    assert "\x1b[33mpartly\x1b[0m" in run([SEALCTL, "check", "--color", "always", program]).out
