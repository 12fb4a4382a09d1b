"""lintian, Debian's check of packages, finds nothing that an override does not explain."""

import shutil

import pytest

from loaders import PROJECT
from process import run


@pytest.mark.skipif(shutil.which("lintian") is None, reason="no lintian")
@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
def test_lintian_finds_nothing(packages, architecture):
    files = [package.path for (_, of), package in packages.items() if of == architecture]
    result = run(["lintian", "--allow-root", "--display-info", "--pedantic", "--tag-display-limit", "0",
                  "--suppress-tags", "spelling-error-in-binary",  # it reads neighbouring words as one
                  *files],
                 timeout=300)
    assert (result.status, result.out) == (0, ""), result


@pytest.mark.parametrize("name", ["ldseal", "ldseal-dev"])
def test_every_override_has_its_reason_before_it(name):
    lines = (PROJECT / "tools/packaging" / name / "lintian-overrides").read_text().splitlines()
    bare = [line for before, line in zip(["", *lines], lines) if not line.startswith("#") and not before.startswith("#")]
    assert bare == []
