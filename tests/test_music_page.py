import base64
import io
import re
import struct
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest
import soundfile

from seqapps.tasks.music.notation.abc import Tune
from seqapps.tasks.music.rendering import engrave, page, perform, roll

TITLE = '<script>alert("$x")</script> & co'
VOID = {"meta", "input", "source"}
BODY = "|: A4 B4- | B8 | [1 c4 ^d4 :| [2 z4 (3 e2 e2 e2 |]"
TUNE = Tune(TITLE, "A", "minor", "4/4", BODY)
PLAIN = Tune("Plain", "G", "major", "4/4", "G8 | A8 | B8 | G8 |]")
OTHER = replace(PLAIN, title="Plain, again", body="G8 | A8 | d8 | G8 |]")
NATS = [0.1 * i for i in range(len(BODY.split()) + 1)]  # with the end


class Reader(HTMLParser):
    """Which elements there are, that all are closed, and their text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "index.html"
    entries = [
        page.Entry(TUNE, "seed <7>", "tune 1", NATS),
        page.Entry(OTHER, "varies plain.abc", "tune-2", [0.5] * 8, PLAIN, {2}),
    ]
    page.write_page(path, f"Tunes of {TITLE}", entries)
    return path.read_text("utf-8")


def test_the_page_is_one_whole_file(text):
    reader = Reader(text)
    assert "http" not in text and "@import" not in text
    links = {a.get("src") or a.get("href") for _, a in reader.elements} - {None}
    files = {a for a in links if not a.startswith(("data:audio/ogg;", "#"))}
    assert files == {
        f"{stem}.{name}"
        for stem in ("tune%201", "tune-2")
        for name in ("abc", "mid", "wav")
    }
    ids = [attrs["id"] for _, attrs in reader.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    shapes = {a["href"][1:] for a in reader.all("use")}
    assert shapes and shapes <= set(ids)
    assert len(reader.all("audio")) == len(reader.all("details")) == 3


def test_text_of_users_stays_text(text):
    reader = Reader(text)
    assert len(reader.all("script")) == 1
    headings = [data for tag, data in reader.texts if tag == "h2"]
    assert "".join(headings).startswith(TITLE)
    assert escape(TITLE) in text.partition("<pre>")[2]
    assert "seed &lt;7&gt;" in text


def test_surprise_is_seen_on_notes_in_score_and_roll(text):
    first = text.partition("<article")[2].partition("</article>")[0]
    score, played = first.split('<figure class="roll">')
    tokens = BODY.split()
    for place, token in enumerate(tokens):
        drawn = re.findall(rf'"(note|rest) n{place} s(\d+)"', score)
        rolled = re.findall(rf'"note n{place} s(\d+)"', played)
        if token[0] not in "ABcez^":
            assert not drawn and not rolled
            continue
        level = int(2 * NATS[place] / np.log(2))
        assert {int(s) for _, s in drawn} == {level}
        assert drawn[0][0] == ("rest" if token[0] == "z" else "note")
        assert {int(s) for s in rolled} == (
            {level} if token[0] != "z" else set()
        )
        assert first.count(f">{token}: {NATS[place] / np.log(2):.1f} bits<")
    assert f"{np.mean(NATS) / np.log(2):.2f} bits a token" in first


def test_the_colours_go_one_way():
    levels = [page._colour(bits) for bits in (0, 0.4, 0.6, 3, 7.9, 8, 1e9)]
    assert levels == [0, 0, 1, 6, 15, 16, 16]
    parts = re.findall(
        r"--first: (\S+)%; --second: (\S+)%", page._colour_rules()
    )
    sums = [float(a) + float(b) for a, b in parts]
    assert sums == pytest.approx(list(np.linspace(0, 200, 17)))


def test_the_original_stands_beside_with_new_bars_marked(text):
    pair = text.partition('<section class="pair">')[2]
    original, varied = pair.split('<div class="variations">')
    assert "<h2>Plain</h2>" in original and "the original" in original
    assert 'class="tint"' not in original
    assert varied.count('class="tint"') == 2  # in the score, and in the roll
    left = re.findall(r'measure( changed)?"', varied)
    assert left == ["", "", " changed", ""]


def test_a_page_without_surprise_is_complete():
    entries = [page.Entry(PLAIN, "", f"tune-{i}") for i in (1, 2)]
    plain = page.render_html("Two", entries)
    Reader(plain)
    assert plain.count("<audio") == 2
    assert 'id="surprise"' not in plain and not re.search(r"note n\d+ s", plain)
    with pytest.raises(ValueError, match="8 tokens, but nats of 3"):
        page.render_html("", [page.Entry(PLAIN, "", nats=[1, 2, 3])])


def test_the_roll_shows_each_token_as_often_as_it_is_played():
    drawn = roll.draw_svg(TUNE, [f"n{i}" for i in range(len(BODY.split()))])
    notes = re.findall(r'"note n(\d+)" x="(\S+)".*? width="(\S+)"', drawn)
    tokens = BODY.split()
    assert " ".join(tokens[int(place)] for place, *_ in notes) == (
        "A4 B4- B8 c4 ^d4 A4 B4- B8 e2 e2 e2"
    )
    starts = [float(x) for _, x, _ in notes]
    assert starts == sorted(starts)
    ends = [float(x) + float(w) for _, x, w in notes]
    assert ends[1] == pytest.approx(starts[2]) and ends[0] < starts[1]
    # where the cursor is when the sound of the second bar begins
    pace = float(re.search(r'data-pace="(\S+)"', drawn)[1])
    left = float(re.search(r'data-left="(\S+)"', drawn)[1])
    bar = 4 * 60 / perform.crotchets_per_minute("4/4")
    assert left + bar * pace == pytest.approx(starts[2], abs=0.01)


def test_odd_tunes_have_a_page_too():
    for body in ("", "A/3 | | (3 z5 [2 C,,,,,,,,,- :|"):
        Reader(
            page.render_html(
                "", [page.Entry(Tune("", "C", "major", "4/4", body), "")]
            )
        )


def test_the_sound_in_the_page_is_that_of_the_tune(text):
    coded = re.findall(r"base64,([^\"]+)", text)
    small = base64.b64decode(coded[0])
    assert small == perform.render_opus(TUNE)
    decoded, rate = soundfile.read(io.BytesIO(small))
    exact, exact_rate = soundfile.read(io.BytesIO(perform.render_wav(TUNE)))
    assert rate == exact_rate and decoded.shape == (len(exact),)
    assert np.corrcoef(decoded, exact.mean(axis=1))[0, 1] > 0.95
    assert len(small) < 6000 * len(exact) / rate
    # the checksums hold: a decoder drops a page whose own does not
    assert struct.unpack("<I", small[14:18]) == (0,)
    assert len(text) < 1_500_000


def test_new_bars_are_tinted_at_the_head_of_a_line_too():
    body = " | ".join(["G8", "A8", "B8", "d8"] * 3) + " |]"
    tune = replace(PLAIN, body=body)
    drawn = engrave.draw_svg(tune, changed=frozenset(range(12)))
    assert drawn.count('class="mNum') == 2
    assert drawn.count('class="tint"') == 12
    one = engrave.draw_svg(tune, changed=frozenset({4}))
    assert one.count('class="tint"') == 1
    assert '"tint"' in one.partition('class="measure changed"')[2]


def test_score_roll_and_sound_have_names(text):
    reader = Reader(text)
    assert {a["aria-label"] for a in reader.all("audio")} == {
        f"Sound of {name}" for name in (TITLE, "Plain", "Plain, again")
    }
    pictures = [a for a in reader.all("svg") if a.get("role") == "img"]
    assert sum(a["aria-label"].startswith("Score of ") for a in pictures) == 3
    assert sum(a["aria-label"].startswith("Piano roll") for a in pictures) == 3


@pytest.mark.parametrize("top", ["g8", "c'8", "d''8"])
def test_labels_of_the_roll_do_not_overlap(top):
    figure = roll._figure(replace(PLAIN, body=f"C,,8 | G8 | A8 | {top} |]"))
    figure.canvas.draw()
    labels = figure.axes[0].get_yticklabels()
    boxes = [label.get_window_extent() for label in labels if label.get_text()]
    boxes.sort(key=lambda box: box.y0)
    assert len(boxes) > 14
    for low, high in pairwise(boxes):
        assert low.y1 <= high.y0 + 3, "of the letters' own height of 12"
