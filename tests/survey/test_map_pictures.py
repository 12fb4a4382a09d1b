"""The pictures of `sealctl map`, rendered by Chromium: each bar has its colour, and every word is inside the picture.

The places are those that the picture's own source names; the pixels are read back from a canvas of the browser.
"""

import base64
import json
import os
import re
import shutil
import xml.etree.ElementTree as ElementTree

import pytest

from process import environment, run
from sources import sources_of
from survey_tools import FINDING, FINE, SEALCTL, waiting

SVG = "{http://www.w3.org/2000/svg}"
CHROMIUM = shutil.which("chromium")

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium")


def draw(kind, path, *words):
    result = run([SEALCTL, "map", f"--{kind}={path}", *map(str, words)])
    assert result.status in (FINE, FINDING) and result.err == "", result
    assert result.out in ("", "ready\n"), "a picture takes the place of the table"
    return path.read_text()


@pytest.fixture
def svg(sealed, tmp_path):
    """Of a program with threads, and with code that it has made."""
    with waiting([sealed, "threads", "2", "code"]) as pid:
        document = json.loads(run([SEALCTL, "map", "--json", str(pid)]).out)
        return draw("svg", tmp_path / "map.svg", pid), document


def bars(source, kind="bar"):
    """(x and y of the middle, shade, title) of each rectangle."""
    found = []
    for rect in ElementTree.fromstring(source).iter(f"{SVG}rect"):
        words = rect.get("class", "").split()
        if words[:1] == [kind]:
            x, y, width, height = (int(rect.get(name)) for name in ("x", "y", "width", "height"))
            found.append((x + width // 2, y + height // 2, words[1], rect.find(f"{SVG}title").text))
    return found


def colours(source):
    """shade -> colour. The rule for texts that are less important is no shade."""
    found = dict(re.findall(r"\.([a-z-]+)\{fill:(#[0-9a-f]{6})\}", source))
    del found["faint"]
    return found


def test_there_is_a_bar_for_each_mapping_and_each_guard(svg):
    source, document = svg
    shown = [title.split(" ")[0] for _, _, shade, title in bars(source) if shade != "gap"]
    mapped = [each for each in document["mappings"] + document["guards"] if each.get("name") != "[vsyscall]"]
    assert sorted(shown) == sorted(f"{each['start']}-{each['end']}" for each in mapped)


def test_shades_say_what_is_sealed(svg):
    source, document = svg
    shades = {title.split(" ")[0]: shade for _, _, shade, title in bars(source)}
    for mapping in document["mappings"]:
        if mapping["name"] == "[vsyscall]":
            continue
        shade = shades[f"{mapping['start']}-{mapping['end']}"]
        assert (shade in ("sealed", "sealed-code")) is mapping["sealed"], mapping
        assert (shade in ("open-code", "sealed-code")) is ("x" in mapping["permissions"]), mapping
    assert shades[next(f"{g['start']}-{g['end']}" for g in document["guards"])] == "guard"
    assert "open-code" in shades.values() and "writable" in shades.values()


def test_the_picture_explains_itself(svg):
    source, _ = svg
    assert {shade for _, _, shade, _ in bars(source, "legend")} == set(colours(source))
    texts = " ".join(text.text for text in ElementTree.fromstring(source).iter(f"{SVG}text"))
    for words in ("Address space of waits", "Each row is a mapping", "What is sealed cannot be unmapped",
                  "mappings, ", "sealed, executable", "nothing is mapped"):
        assert words in texts


def test_names_cannot_become_markup(folder, sealed, tmp_path):
    odd = folder / 'a<b>&"c'
    shutil.copy(sealed, odd)
    with waiting([odd]) as pid:
        source = draw("svg", tmp_path / "map.svg", pid)
        page = draw("html", tmp_path / "map.html", pid)
    assert any('a<b>&"c text' in title for _, _, _, title in bars(source))
    assert "<b>" not in page and "a&lt;b&gt;&amp;&quot;c" in page


def test_a_saved_map_gives_the_same_picture(sealed, tmp_path):
    with waiting([sealed]) as pid:
        (tmp_path / "map.json").write_text(run([SEALCTL, "map", "--json", str(pid)]).out)
        live = draw("svg", tmp_path / "live.svg", pid)
    assert draw("svg", tmp_path / "saved.svg", tmp_path / "map.json") == live


def test_a_file_that_cannot_be_written_is_one_line(sealed):
    with waiting([sealed]) as pid:
        result = run([SEALCTL, "map", "--svg=/no/such/folder/map.svg", str(pid)])
    assert (result.status, result.out) == (3, "")
    assert result.err == "sealctl: /no/such/folder/map.svg: cannot write: No such file or directory\n"


def in_chromium(folder, text):
    """The text of the page's body, once its script has replaced it."""
    (folder / "page.html").write_text(text)
    words = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
             "--virtual-time-budget=20000", "--dump-dom", f"file://{folder}/page.html"]
    result = run(words, timeout=240, env=environment(PATH=os.environ["PATH"], HOME=str(folder)))
    found = re.search(r'<pre id="answer">(.*?)</pre>', result.out, re.DOTALL)
    assert found, result
    return json.loads(found[1])


def page(name, **values):
    """A page of the test's own folder, with values put in place of words in capitals."""
    text = (sources_of(__file__) / name).read_text()
    for word, value in values.items():
        assert text.count(word) == 1, word
        text = text.replace(word, value)
    return text


@needs_chromium
@pytest.mark.long
def test_a_browser_shows_each_bar_in_its_colour(svg, tmp_path):
    source, _ = svg
    rectangles = bars(source) + bars(source, "legend")
    places = json.dumps([[x, y] for x, y, _, _ in rectangles])
    encoded = base64.b64encode(source.encode()).decode()
    seen = in_chromium(tmp_path, page("read_pixels.html", PLACES=places, SOURCE=encoded))
    wanted = colours(source)
    assert seen == [wanted[shade] for _, _, shade, _ in rectangles]
    assert len(set(seen)) == len(wanted)


@needs_chromium
@pytest.mark.long
def test_in_a_browser_every_word_is_inside_the_picture_and_covers_no_other(svg, tmp_path):
    source, _ = svg
    assert in_chromium(tmp_path, page("measure_texts.html", SOURCE=source)) == {"outside": [], "covered": []}
