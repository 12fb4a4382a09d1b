"""Builds the Debian packages; tools/package calls it. tools/packaging/README.md says how they are made."""

import argparse
import gzip
import os
import sys
from pathlib import Path

import changelog
import sbom
from archive import Package
from debug_files import split_debug_information
from program_build import ARCHITECTURES, PROJECT, Build, Failure, host_architecture
from release import Release

PACKAGES = ("ldseal", "ldseal-dev", "ldseal-dbgsym")
FOLDER = PROJECT / "tools/packaging"
# Where each program with debug information is, and the word for its build-id in a contents list.
STRIPPED = {"LOADER_ID": "usr/lib/{multiarch}/ld-seal-{machine}.so.1", "SEALCTL_ID": "usr/bin/sealctl"}


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o644)


def compressed(data):
    """As `gzip -9n`: no name and no time inside."""
    return gzip.compress(data, compresslevel=9, mtime=0)


def copyright_text():
    """The licence as a paragraph of Debian's copyright format."""
    licence = (PROJECT / "LICENSE").read_text().partition("\n\n")[2].partition("\n\n")[2].strip()
    paragraph = "\n".join(f" {line}" if line else " ." for line in licence.splitlines())
    return (FOLDER / "copyright").read_text().replace("@LICENSE@", paragraph)


def compress_manuals(tree):
    """Manual pages as Debian has them: compressed; a link leads to the compressed page."""
    for page in sorted(tree.glob("usr/share/man/man*/*")):
        packed = page.with_name(page.name + ".gz")
        if page.is_symlink():
            packed.symlink_to(f"{os.readlink(page)}.gz")
        else:
            write(packed, compressed(page.read_bytes()))
        page.unlink()


def add_documents(tree, release):
    """What Debian wants of every package, and what only packages have."""
    history = compressed(changelog.debian((PROJECT / "CHANGELOG.md").read_text(), release).encode())
    for package in ("ldseal", "ldseal-dev"):
        documents = tree / "usr/share/doc" / package
        write(documents / "changelog.gz", history)
        write(documents / "copyright", copyright_text())
        write(tree / "usr/share/lintian/overrides" / package, (FOLDER / package / "lintian-overrides").read_text())
    write(tree / "usr/share/doc/ldseal/README.md.gz", compressed((PROJECT / "README.md").read_bytes()))
    (tree / "usr/share/doc/ldseal-dbgsym").symlink_to("ldseal")


def make_packages(build, release, output):
    """Builds for one architecture and packs what is installed. Returns the packages' files."""
    tree = build.install()
    compress_manuals(tree)
    add_documents(tree, release)
    names = {word: path.format(multiarch=build.multiarch, machine=build.machine) for word, path in STRIPPED.items()}
    build_ids = split_debug_information(tree, names)
    write(tree / "usr/share/doc/ldseal/ldseal.spdx.json", sbom.document(tree, build, release))
    words = {"MULTIARCH": build.multiarch, "MACHINE": build.machine, "VERSION": release.version,
             "INTERPRETER_FOLDER": build.interpreter_folder, "LINK": build.interpreter_target,
             "ARCHITECTURE": build.architecture, "BUILD_IDS": " ".join(sorted(build_ids.values())),
             **{word: f"{number[:2]}/{number[2:]}" for word, number in build_ids.items()}}
    packages = [Package(FOLDER / name, words) for name in PACKAGES]
    refuse_unlisted(tree, packages)
    return [package.pack(tree, release, build.folder / "packages", output) for package in packages]


def refuse_unlisted(tree, packages):
    listed = {entry.path for package in packages for entry in package.entries}
    found = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_symlink() or not path.is_dir()}
    for path in sorted(found - listed):
        raise Failure(f"/{path}: is installed, and no list tools/packaging/*/contents has it")


def arguments():
    parser = argparse.ArgumentParser(prog="tools/package")
    parser.add_argument("--output", type=Path, default=PROJECT / "build-packages", metavar="DIR",
                        help="where the packages go (default: build-packages/)")
    parser.add_argument("--built", action="store_true", help="pack what tools/build has built")
    parser.add_argument("architectures", nargs="*", metavar="ARCHITECTURE", help="amd64, arm64 (default: both)")
    options = parser.parse_args()
    for name in options.architectures:
        if name not in ARCHITECTURES:
            parser.error(f"{name}: unknown architecture; there are {' and '.join(ARCHITECTURES)}")
    return options


def main():
    options = arguments()
    os.umask(0o022)
    options.output.mkdir(parents=True, exist_ok=True)
    try:
        release = Release.of(PROJECT)
        native = Build(host_architecture(), release, is_built=options.built)
        for name in dict.fromkeys(options.architectures or ARCHITECTURES):
            build = native if name == native.architecture else Build(name, release, native, options.built)
            for file in make_packages(build, release, options.output):
                print(f"package: {file}  {file.stat().st_size // 1024} KiB", flush=True)
    except Failure as failure:
        print(f"package: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
