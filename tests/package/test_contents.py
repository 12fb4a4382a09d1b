"""What is in the packages: the files that their lists name, with their modes, and what dpkg is told of them."""

import gzip
import hashlib
import json
import re
import sys

import pytest

import deb_file
from elf_file import ElfFile
from loaders import PROJECT
from process import environment, run

sys.path.append(str(PROJECT / "tools/packaging"))
from archive import read_contents, replaced  # noqa: E402  (needs the path above)
from program_build import ARCHITECTURES  # noqa: E402

NAMES = ("ldseal", "ldseal-dev", "ldseal-dbgsym")
VERSION = re.search(r"version: '([^']+)'", (PROJECT / "meson.build").read_text())[1]


@pytest.fixture(params=ARCHITECTURES)
def architecture(request):
    return request.param


def multiarch(architecture):
    return f"{ARCHITECTURES[architecture].machine}-linux-gnu"


def loader_path(architecture):
    machine = ARCHITECTURES[architecture].machine
    return f"/usr/lib/{multiarch(architecture)}/ld-seal-{machine}.so.1"


def documented(name, architecture, build_ids):
    """path -> mode or link's target, by the package's list."""
    values = ARCHITECTURES[architecture]
    words = {"MULTIARCH": multiarch(architecture), "MACHINE": values.machine, "LINK": values.interpreter_target,
             "INTERPRETER_FOLDER": values.interpreter_folder, **build_ids}
    entries = read_contents(replaced((PROJECT / "tools/packaging" / name / "contents").read_text(), words))
    return {f"/{entry.path}": entry.kind for entry in entries}


def build_id(data):
    """The NT_GNU_BUILD_ID of an ELF file's bytes."""
    at = data.index(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0") + 16
    return data[at:at + 20].hex()


def build_ids(packages, architecture):
    package = packages["ldseal", architecture]
    numbers = [build_id(package.read(path)) for path in (loader_path(architecture), "/usr/bin/sealctl")]
    return {word: f"{number[:2]}/{number[2:]}" for word, number in zip(("LOADER_ID", "SEALCTL_ID"), numbers)}


@pytest.mark.parametrize("name", NAMES)
def test_a_package_holds_what_its_list_names(packages, name, architecture):
    members = [member for member in packages[name, architecture].members() if not member.isdir()]
    found = {member.name[1:]: member.linkname if member.issym() else f"{member.mode:04o}" for member in members}
    assert found == documented(name, architecture, build_ids(packages, architecture))


@pytest.mark.parametrize("name", NAMES)
def test_every_file_and_folder_is_roots_and_has_the_time_of_the_commit(packages, name, architecture):
    members = packages[name, architecture].members()
    assert {(member.uid, member.gid) for member in members} == {(0, 0)}
    assert len({member.mtime for member in members}) == 1
    assert {member.mode for member in members if member.isdir()} == {0o755}


@pytest.mark.parametrize("name", NAMES)
def test_its_sums_are_those_of_its_files(packages, name, architecture):
    package = packages[name, architecture]
    listed, _ = package.control()["md5sums"]
    wanted = {line[34:]: line[:32] for line in listed.splitlines()}
    files = [member.name[2:] for member in package.members() if member.isfile() and not member.name.startswith("./etc/")]
    assert wanted == {path: hashlib.md5(package.read(f"/{path}")).hexdigest() for path in files}


@pytest.mark.parametrize("name", NAMES)
def test_it_says_its_version_and_architecture(packages, name, architecture):
    package = packages[name, architecture]
    assert package.field("Architecture") == architecture
    assert re.fullmatch(rf"{re.escape(VERSION)}(\+git\d{{14}})?", package.field("Version"))
    assert package.path.name == f"{name}_{package.field('Version')}_{architecture}.deb"


def test_maintainer_scripts_are_shell_that_can_be_run(packages, tmp_path, architecture):
    scripts = {name: content for name, content in packages["ldseal", architecture].control().items()
               if content[0].startswith("#!")}
    assert set(scripts) == {"postinst", "prerm", "postrm"}
    for name, (text, mode) in scripts.items():
        (tmp_path / name).write_text(text)
        result = run(["sh", "-n", tmp_path / name])
        assert (result.status, mode) == (0, 0o755), result


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm"])
def test_a_maintainer_script_refuses_an_action_that_it_does_not_know(script):
    result = run(["sh", PROJECT / "tools/packaging/ldseal" / script, "dance"])
    assert (result.status, result.err) == (1, f'ldseal: {script} called with unknown argument "dance"\n')


def test_the_modes_are_those_of_libcs_own_loader(packages):
    """Debian's libc6 of this machine is the example."""
    members = {member.name[1:]: member for member in packages["ldseal", "amd64"].members()}
    theirs = run(["stat", "-L", "-c", "%a", "/lib64/ld-linux-x86-64.so.2"]).out.strip()
    assert f"{members[loader_path('amd64')].mode:o}" == theirs
    assert members["/usr/lib64/ld-seal-x86_64.so.1"].issym()


def test_programs_are_stripped_and_their_debug_information_has_their_build_id(packages, architecture, tmp_path):
    for name in ("ldseal", "ldseal-dbgsym"):
        packages[name, architecture].unpack(tmp_path)
    for word, number in build_ids(packages, architecture).items():
        debug = tmp_path / f"usr/lib/debug/.build-id/{number}.debug"
        assert build_id(debug.read_bytes()) == number.replace("/", ""), word
        assert section_names(debug) >= {".debug_info", ".debug_line", ".symtab"}
    for path in (loader_path(architecture), "/usr/bin/sealctl"):
        left = {name for name in section_names(tmp_path / path[1:]) if name.startswith((".debug", ".symtab", ".comment"))}
        assert left == set(), path


def section_names(path):
    return set(re.findall(r"Name: (\S+)", run(["llvm-readelf", "--sections", "--elf-output-style=LLVM", path]).out))


def test_nothing_names_a_folder_of_the_build(packages, architecture):
    for name in NAMES:
        package = packages[name, architecture]
        named = [member.name for member in package.members()
                 if member.isfile() and str(PROJECT).encode() in opened(package.read(member.name[1:]))]
        assert named == [], name


def opened(data):
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def test_the_bill_of_materials_names_the_files_and_every_part(packages, architecture):
    package = packages["ldseal", architecture]
    bill = json.loads(package.read("/usr/share/doc/ldseal/ldseal.spdx.json"))
    assert (bill["spdxVersion"], bill["dataLicense"], bill["SPDXID"]) == ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT")
    for file in bill["files"]:
        sums = {each["algorithm"]: each["checksumValue"] for each in file["checksums"]}
        assert sums["SHA256"] == hashlib.sha256(package.read(file["fileName"][1:])).hexdigest()
    ids = [element["SPDXID"] for kind in ("packages", "files") for element in bill[kind]]
    assert len(ids) == len(set(ids))
    assert {relation[end] for relation in bill["relationships"] for end in ("spdxElementId", "relatedSpdxElement")} \
        == {"SPDXRef-DOCUMENT", *ids}
    parts = {element["name"]: element for element in bill["packages"]}
    wanted = {"amd64": {"libc6-dev", "libstdc++-12-dev", "libgcc-12-dev", "libfmt-dev", "libcli11-dev"},
              "arm64": {"libc6-dev-arm64-cross", "libstdc++-12-dev-arm64-cross", "libgcc-12-dev-arm64-cross",
                        "libfmt-dev", "libcli11-dev"}}[architecture]
    assert wanted <= set(parts)
    assert all(parts[name]["versionInfo"] and parts[name]["licenseDeclared"] != "NOASSERTION" for name in wanted)


def test_the_changelog_is_debians_and_has_every_release(packages):
    text = opened(packages["ldseal", "amd64"].read("/usr/share/doc/ldseal/changelog.gz")).decode()
    result = run(["dpkg-parsechangelog", "--file", "-", "--all", "--format", "dpkg"], stdin=text)
    assert (result.status, result.err) == (0, ""), result
    assert f"Version: {packages['ldseal', 'amd64'].field('Version')}" in result.out
    releases = re.findall(r"^## \[(\d[^\]]*)\]", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert [release for release in releases if f"ldseal ({release}" not in text] == []


def test_meson_installs_the_same_files(packages, tmp_path):
    """Apart from what only packages have: documents, and the compression of manual pages."""
    done = run(["meson", "install", "-C", PROJECT / "build", "--no-rebuild", "--quiet"], timeout=120,
               env=environment(DESTDIR=tmp_path))
    assert done.status == 0, done
    options = json.loads(run(["meson", "introspect", "--buildoptions", PROJECT / "build"]).out)
    (prefix,) = [option["value"] for option in options if option["name"] == "prefix"]
    installed = {path.removeprefix(prefix): kind for path, kind in deb_file.tree(tmp_path).items()}
    packed = {}
    for name in ("ldseal", "ldseal-dev"):
        for member in packages[name, "amd64"].members():
            path = member.name[1:].removeprefix("/usr").removesuffix(".gz" if "/man/" in member.name else "\0")
            only_packages = path.startswith("/share/doc/") and "/examples/" not in path
            if not member.isdir() and not only_packages and not path.startswith("/share/lintian/"):
                link = member.linkname.removesuffix(".gz") if member.issym() else None
                packed[path] = (None if link else member.mode, link)
    assert installed == packed


def test_the_packed_loader_is_the_built_one_without_debug_information(packages, tmp_path):
    packages["ldseal", "amd64"].unpack(tmp_path)
    packed, built = ElfFile(tmp_path / loader_path("amd64")[1:]), ElfFile(PROJECT / "build/ldso/ld-seal-x86_64.so.1")
    assert [(each.type, each.address, each.memory_size) for each in packed.segments] == \
        [(each.type, each.address, each.memory_size) for each in built.segments]
