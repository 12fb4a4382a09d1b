"""What each fuzzer of this folder begins with: right inputs, and some with one thing wrong, made anew for every run."""

import struct
from pathlib import Path

from loaders import PROJECT, loader
from process import run

HERE = Path(__file__).resolve().parent
MUTATED = PROJECT / "tests" / "damage" / "mutated"
WRITE_DAMAGED = PROJECT / "build-asan" / "tests" / "damage" / "write-damaged-files"

ALONE = "-O1 -nostdlib -ffreestanding -fno-stack-protector -fPIC -shared -Wl,-e,start".split()
STYLES = {
    "both-hashes": ["clang", "-fuse-ld=lld", "-Wl,--hash-style=both", "-Wl,--pack-dyn-relocs=relr"],
    "gnu-hash": ["clang", "-fuse-ld=lld", "-Wl,--hash-style=gnu", "-Wl,-z,norelro", "-Wl,--no-rosegment"],
    "sysv-hash": ["clang", "-fuse-ld=bfd", "-Wl,--hash-style=sysv", "-Wl,-z,noseparate-code", "-Wl,-Bsymbolic"],
    "descriptors": ["gcc", "-mtls-dialect=gnu2", "-fuse-ld=lld", "-Wl,-z,lazy"],
    "one-segment": ["clang", "-fuse-ld=lld", "-Wl,--omagic"],
    "one-segment-sysv": ["gcc", "-fuse-ld=bfd", "-Wl,--omagic", "-Wl,--hash-style=sysv", "-Wl,--no-warn-rwx-segments"],
}


def compile_object(path, *words):
    result = run([*words, "-o", path], cwd=path.parent)
    assert result.status == 0, result
    assert run(["strip", path]).status == 0


def write_compiled(folder):
    needed = folder / "libneeded.so"
    compile_object(needed, "clang", *ALONE, MUTATED / "needed.c", f"-Wl,--version-script={MUTATED}/needed.map",
                   "-Wl,-soname,libneeded.so")
    for name, (compiler, *style) in STYLES.items():
        libraries = [] if "one-segment" in name else [needed]
        compile_object(folder / f"{name}.so", compiler, *ALONE, *style, HERE / "seeds" / "object.c", *libraries)
        compile_object(folder / f"{name}-versions.so", compiler, *ALONE, *style, MUTATED / "library.c", *libraries,
                       f"-Wl,--version-script={MUTATED}/library.map", "-Wl,-soname,mutated.so")
    library = folder / "both-hashes-versions.so"
    compile_object(folder / "fixed", "clang", "-nostdlib", "-ffreestanding", "-fno-pic", "-no-pie", "-fuse-ld=lld",
                   "-Wl,-e,start", "-Wl,--allow-shlib-undefined", MUTATED / "program.c", library)


def write_objects(folder):
    """Every damaged object of tests/damage, objects of several linkers in several styles, and the loader itself."""
    result = run([WRITE_DAMAGED, folder])
    assert result.status == 0, result
    for path in folder.glob("*.expected"):
        path.unlink()
    write_compiled(folder)
    run(["strip", loader("x86_64"), "-o", folder / "loader"])


def library_cache(entries, directories=()):
    """The bytes of an ld.so.cache. `entries`: (name, path, flags, hwcap), in the descending order that ldconfig has."""
    strings, table = b"", b""
    start = 48 + 24 * len(entries)

    def put(text):
        nonlocal strings
        strings += text.encode() + b"\0"
        return start + len(strings) - len(text) - 1

    for name, path, flags, hwcap in entries:
        table += struct.pack("<iIIIQ", flags, put(name), put(path), 0, hwcap)
    names = b"".join(struct.pack("<I", put(directory)) for directory in directories)
    strings += bytes(-(start + len(strings)) % 4)
    extension = start + len(strings) if directories else 0
    header = b"glibc-ld.so.cache1.1" + struct.pack("<IIBxxxI12x", len(entries), len(strings), 2, extension)
    tail = struct.pack("<IIIIII", 0xEAA42174, 1, 1, 0, extension + 24, len(names)) + names if directories else b""
    return header + table + strings + tail


def write_caches(folder):
    elf, extension = 0x0303, 1 << 62
    plain = [("libz.so.1", "/lib/libz.so.1", elf, 0), ("libm.so.6", "/lib/libm.so.6", elf, 0),
             ("libc.so.6", "/lib/libc.so.6", elf, 0), ("libc.so.6", "/lib32/libc.so.6", 3, 0)]
    best = [("libz.so.1", f"/v{level}/libz.so.1", elf, extension | level - 2) for level in (2, 3, 4)]
    (folder / "plain").write_bytes(library_cache(plain))
    (folder / "with-directories").write_bytes(
        library_cache(best + plain, ["x86-64-v2", "x86-64-v3", "x86-64-v4"]))
    (folder / "asked-for").write_bytes(b"libz.so.1\0" + library_cache(plain))
    system = Path("/etc/ld.so.cache")
    if system.exists():
        (folder / "system").write_bytes(system.read_bytes())


def write_searches(folder):
    (folder / "musl").write_text("/lib:/usr/local/lib\n/usr/lib\n")
    (folder / "list").write_text("/a:$ORIGIN/../lib;${LIB}::$PLATFORM/b:${ORIGIN}")
    (folder / "name").write_text("libneeded.so")
    (folder / "path").write_text("/a/b/libneeded.so")


def write_system_mappings(folder):
    maps = Path("/proc/self/maps").read_text()
    (folder / "maps").write_text(maps)
    lines = [line for line in maps.splitlines(keepends=True) if "/" not in line]
    (folder / "nameless").write_text("".join(lines))
    for line in lines:
        if not line.endswith("[vdso]\n"):
            continue
        start, end = (int(address, 16) for address in line.split()[0].split("-"))
        with open("/proc/self/mem", "rb") as memory:
            memory.seek(start)
            (folder / "vdso").write_bytes(memory.read(end - start))


def note(name, kind, descriptor, alignment):
    def padded(data):
        return data + bytes(-len(data) % alignment)
    return padded(struct.pack("<III", len(name), len(descriptor), kind) + name) + padded(descriptor)


def write_notes(folder):
    build_id = note(b"GNU\0", 3, bytes(range(20)), 4)
    policy = note(b"ldseal\0", 1, b"off,+text,-relro,require\0", 4)
    seal = struct.pack("<II", 3, 0)
    features = struct.pack("<IIIxxxx", 0xC0000002, 4, 3)
    properties = note(b"GNU\0", 5, features + seal, 8)
    (folder / "policy").write_bytes(b"\0" + build_id + policy)
    (folder / "property").write_bytes(b"\1" + properties)
    (folder / "unknown-word").write_bytes(b"\0" + note(b"ldseal\0", 1, b"on,+texts\0", 4))


def write_words(folder):
    (folder / "command").write_text("ld-seal\n--library-path=/a:/b\n--preload\nx.so\n--list\nprogram\n-x")
    (folder / "environment").write_text("LD_DEBUG=all\nLDSEAL=off\nLD_LIBRARY_PATH=\nRUNNING_UNDER_RR=1\nLD_DEBUG=x")
    (folder / "policies").write_text("off,on,require\n+text,-relro,+system\n+guards\n,,\nunknown")
    (folder / "topics").write_text("libs files,symbols:bindings\nstatistics\nhelp\nall\nno")


WRITERS = {
    "program": write_objects,
    "opened": write_objects,
    "cache": write_caches,
    "search": write_searches,
    "system_mappings": write_system_mappings,
    "notes": write_notes,
    "words": write_words,
}
