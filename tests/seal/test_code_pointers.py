"""What the loader keeps writable holds no address of code, in programs that open objects and start threads.

Each program is stopped at work, by waiting for its input, and every aligned word is read that is in writable memory of
the loader's: its image, and the last chunk of its heap."""

import dataclasses
import os
import struct
import subprocess
import time

import pytest

from elf_file import ElfFile
from loaders import loader
from process import run

WORD = 8
HEAP = 24 * WORD  # struct Heap
CHUNK = 128 << 10  # of the heap: ldso/mem/heap.cc
SECONDS = 20
THREADS_IN_PYTHON = """
import ctypes, ssl, threading
def work():
    return ssl.create_default_context()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
input()
"""
PROGRAMS = {
    "cat": ["/bin/cat"],
    "sh": ["/bin/sh"],
    "bash": ["/bin/bash"],
    "sed": ["/bin/sed", "p"],
    "grep": ["/bin/grep", "a"],
    "sort": ["/usr/bin/sort"],
    "awk": ["/usr/bin/awk", "{ print }"],
    "perl": ["/usr/bin/perl", "-MPOSIX", "-MSocket", "-e", "<STDIN>"],
    "python3": ["/usr/bin/python3", "-c", THREADS_IN_PYTHON],
    "gdb": ["/usr/bin/gdb", "-q", "-nx"],
}


@dataclasses.dataclass(frozen=True)
class Area:
    start: int
    end: int
    permissions: str
    name: str


def areas_of(pid):
    found = []
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        for line in maps:
            fields = line.split(maxsplit=5)
            start, end = (int(text, 16) for text in fields[0].split("-"))
            found.append(Area(start, end, fields[1], fields[5].strip() if len(fields) > 5 else ""))
    return found


def symbols(file):
    lines = run(["llvm-nm", file]).out.splitlines()
    return {fields[-1]: int(fields[0], 16) for fields in map(str.split, lines) if len(fields) == 3}


def wait_until_it_waits(process):
    """For input: its processor time stands still."""
    end, last = time.monotonic() + SECONDS, None
    while time.monotonic() < end:
        assert process.poll() is None, "it has ended"
        fields = open(f"/proc/{process.pid}/stat", encoding="utf-8").read().rpartition(")")[2].split()
        now = (fields[0], fields[11], fields[12])
        if now == last and now[0] == "S":
            return
        last = now
        time.sleep(0.3)
    raise AssertionError("it does not come to rest")


class Memory:
    """The memory of a process that runs under `file`, the loader."""

    def __init__(self, pid, file):
        self._memory = open(f"/proc/{pid}/mem", "rb", buffering=0)
        self.areas = areas_of(pid)
        self.start = min(area.start for area in self.areas if area.name == str(file))
        self._end = self.start + max(segment.address + segment.memory_size for segment in ElfFile(file).segments)
        self._symbols = symbols(file)

    def read(self, start, end):
        self._memory.seek(start)
        return self._memory.read(end - start)

    def writable(self):
        """The loader's own, as (start, end)."""
        found = [(max(area.start, self.start), min(area.end, self._end)) for area in self.areas
                 if "w" in area.permissions and area.end > self.start and area.start < self._end]
        _, end = struct.unpack("<QQ", self.read(*self._heaps_chunk()))
        return found + ([(end - CHUNK, end)] if end else [])

    def _heaps_chunk(self):
        """Where the heap's last two words are: the rest of its chunk."""
        heap = self.start + self._symbols["_ZN6ldseal4heapE"]
        return heap + HEAP - 2 * WORD, heap + HEAP

    def words_of_code(self):
        executable = [(area.start, area.end) for area in self.areas if "x" in area.permissions]
        for start, end in self.writable():
            data = self.read(start, end)
            for at, (word,) in enumerate(struct.iter_unpack("<Q", data[:len(data) // WORD * WORD])):
                if any(low <= word < high for low, high in executable):
                    yield hex(start + at * WORD - self.start), hex(word)


@pytest.fixture
def memory_of():
    """Starts a program under the loader and returns its memory once it waits."""
    started = []

    def start(command):
        file = loader("x86_64")
        process = subprocess.Popen([file, *command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"})
        started.append(process)
        wait_until_it_waits(process)
        return Memory(process.pid, file)

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_writable_word_of_the_loaders_is_an_address_of_code(memory_of, name):
    if not os.path.exists(PROGRAMS[name][0]):
        pytest.skip(f"no {PROGRAMS[name][0]} here")
    memory = memory_of(PROGRAMS[name])
    assert memory.writable()
    assert list(memory.words_of_code()) == []


def test_the_search_finds_an_address_of_code_where_there_is_one(memory_of):
    """In the records, which are read-only and hold some."""
    memory = memory_of(PROGRAMS["python3"])
    records = [area for area in memory.areas if area.permissions.startswith("r--") and not area.name]
    memory.writable = lambda: [(area.start, area.end) for area in records]
    assert list(memory.words_of_code()) != []
