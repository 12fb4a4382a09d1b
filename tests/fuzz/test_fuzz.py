"""Whatever reads what others wrote, met by libFuzzer: no access out of bounds, no undefined arithmetic, no assertion,
no hang. Each fuzzer runs its seeds and a fixed number of mutations of them, always the same ones. To look further:

    FUZZ_SECONDS=600 tools/check tests/fuzz/test_fuzz.py        for each of them, other mutations every time
"""

import dataclasses
import os
import re

import pytest

import seeds
from loaders import PROJECT
from process import run

pytestmark = pytest.mark.slow

FUZZERS = PROJECT / "build-asan" / "tests" / "fuzz"
LONGEST_RUN = 5  # seconds; no input takes more than a few milliseconds


@dataclasses.dataclass(frozen=True)
class Target:
    name: str
    mutations: int
    edges: int  # of the loader's code that its seeds must reach at least, or they are no good any more

    @property
    def fuzzer(self):
        return FUZZERS / f"fuzz-{self.name}"

    @property
    def amount(self):
        seconds = os.environ.get("FUZZ_SECONDS")
        return [f"-max_total_time={seconds}"] if seconds else ["-seed=1", f"-runs={self.mutations}"]


TARGETS = [Target("program", 12000, 2500), Target("opened", 10000, 2000), Target("cache", 30000, 100),
           Target("search", 4000, 300), Target("system_mappings", 8000, 300), Target("notes", 100000, 80),
           Target("words", 10000, 300)]


@pytest.fixture(scope="module", params=TARGETS, ids=lambda target: target.name)
def target(request):
    assert request.param.fuzzer.exists(), f"{request.param.fuzzer} is not built: run tools/build asan"
    return request.param


@pytest.fixture(scope="module")
def seed_folder(target, tmp_path_factory):
    folder = tmp_path_factory.mktemp(target.name)
    seeds.WRITERS[target.name](folder)
    return folder


def test_every_seed_is_read_to_its_end(target, seed_folder):
    result = run([target.fuzzer, f"-timeout={LONGEST_RUN}", *sorted(seed_folder.iterdir())], timeout=120)
    assert result.status == 0, result
    assert result.err.count("Executed ") == len(list(seed_folder.iterdir())), result


def test_mutations_of_the_seeds_find_nothing(target, seed_folder, tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    options = [f"-artifact_prefix={tmp_path}/", f"-timeout={LONGEST_RUN}", "-max_len=16384", *target.amount]
    result = run([target.fuzzer, *options, corpus, seed_folder], timeout=120 + int(os.environ.get("FUZZ_SECONDS", 0)))
    assert result.status == 0, f"{result}\nonce more: {target.fuzzer} {tmp_path}/*-*"
    reached = int(re.search(r"INITED cov: (\d+)", result.err).group(1))
    assert reached >= target.edges, "the seeds do not come far"
