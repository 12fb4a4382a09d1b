"""Units whose filter kills ld-seal's own questions start with LDSEAL=off as long as the system is adopted."""

import pytest

from made_root import fingerprint, sealctl
from test_system import adopt, release

SHORT = "[Service]\nExecStart=/usr/bin/true\nSystemCallFilter=@basic-io\n"
LONG = "[Service]\nExecStart=/usr/bin/true\nSystemCallFilter=@system-service\n"
DROP_IN = "etc/systemd/system/{}.d/ldseal.conf"


@pytest.fixture
def root(fresh_root):
    made = fresh_root()
    for name, text in (("short.service", SHORT), ("long.service", LONG)):
        unit = made / "usr/lib/systemd/system" / name
        unit.parent.mkdir(parents=True, exist_ok=True)
        unit.write_text(text)
    (made / "etc/systemd/system").mkdir(parents=True, exist_ok=True)
    return made


def drop_ins(root):
    return sorted(str(path.relative_to(root)) for path in root.glob(DROP_IN.format("*")))


def test_only_they_have_one_and_release_takes_it_away(root):
    before = fingerprint(root)
    assert adopt(root).status == 0
    assert drop_ins(root) == [DROP_IN.format("short.service")]
    assert "Environment=LDSEAL=off LDSEAL_GUARD=prot\n" in (root / DROP_IN.format("short.service")).read_text()
    assert release(root).status == 0
    assert fingerprint(root) == before


def test_one_that_came_later_gets_it_by_adopting_again(root):
    assert adopt(root).status == 0
    (root / "usr/lib/systemd/system/later.service").write_text(SHORT)
    (root / "usr/lib/systemd/system/short.service").write_text(LONG)
    assert adopt(root).status == 0
    assert drop_ins(root) == [DROP_IN.format("later.service")]


def test_what_others_have_put_into_the_folder_stays(root):
    folder = root / DROP_IN.format("short.service")
    folder.parent.mkdir()
    (folder.parent / "own.conf").write_text("[Service]\nNice=5\n")
    assert adopt(root).status == 0
    assert release(root).status == 0
    assert [path.name for path in folder.parent.iterdir()] == ["own.conf"]


def test_a_file_of_others_with_that_name_is_left_and_adoption_refused(root):
    folder = root / DROP_IN.format("short.service")
    folder.parent.mkdir()
    folder.write_text("[Service]\nNice=5\n")
    result = adopt(root)
    assert result.status == 1
    assert "ldseal.conf is there, but not by sealctl" in result.err
    assert sealctl("status", root=root).status == 0, "nothing is half done"
    assert folder.read_text() == "[Service]\nNice=5\n"


def test_one_of_another_version_is_replaced(root):
    assert adopt(root).status == 0
    made = root / DROP_IN.format("short.service")
    wanted = made.read_text()
    made.write_text(wanted.splitlines(keepends=True)[0] + "[Service]\nEnvironment=LDSEAL=off\n")
    assert adopt(root).status == 0
    assert made.read_text() == wanted
