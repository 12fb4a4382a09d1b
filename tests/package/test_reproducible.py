"""Two builds of the packages, in different folders and surroundings, give the same bytes."""

import os
import shutil

import pytest

import deb_file
from loaders import PROJECT
from process import environment, run


def copy_of_tree(folder):
    """A clone, with the changes that are not committed yet."""
    result = run(["git", "clone", "--quiet", "--local", PROJECT, folder], timeout=120)
    assert result.status == 0, result
    listed = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT)
    assert listed.status == 0, listed
    for name in filter(None, listed.out.split("\0")):
        target = folder / name
        target.unlink(missing_ok=True)  # it may be a link, which nothing can be copied over
        if (PROJECT / name).exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, target, follow_symlinks=False)
    return folder


@pytest.mark.debian
def test_a_build_in_another_folder_gives_the_same_bytes(packages, tmp_path):
    there = copy_of_tree(tmp_path / "a folder/of another length/ldseal")
    surroundings = environment(TZ="Pacific/Chatham", LC_ALL="C", HOME=tmp_path, CCACHE_DISABLE="1", USER="other")
    mask = os.umask(0o077)
    try:
        again = deb_file.build(there, tmp_path / "packages", env=surroundings)
    finally:
        os.umask(mask)
    assert again.keys() == packages.keys()
    different = [again[key].path.name for key in again if again[key].path.read_bytes() != packages[key].path.read_bytes()]
    assert different == []
    assert {package.path.name for package in again.values()} == {package.path.name for package in packages.values()}
