"""What is written of a chorale, an independent reader finds in it."""

import random
import xml.etree.ElementTree as ET

import pytest

from seqapps.errors import InputError
from seqapps.tasks.chorale.importers import score_file
from seqapps.tasks.chorale.notation.chorale import (
    RANGES,
    Chorale,
    Note,
    format_voice,
)
from seqapps.tasks.chorale.rendering import abc, folder, midi, musicxml

PROGRAMS = (52, 53, 19, 68)


def draw_chorale(seed, meter="4/4", pickup=4, sharps=0, steps=52):
    draw = random.Random(seed)
    voices = []
    for low, high in RANGES:
        notes, start = [], 0
        while start < steps:
            length = min(draw.choice([1, 2, 3, 4, 6, 7, 8]), steps - start)
            pitch = draw.randint(low, high)
            if notes and pitch == notes[-1].pitch:
                pitch = low + high - pitch - (low + high == 2 * pitch)
            notes.append(Note(start, length, pitch))
            start += length
        voices.append(format_voice(notes, steps))
    return Chorale(tuple(voices), meter, pickup, sharps, title="A & B")


CHORALES = [
    draw_chorale(1),
    draw_chorale(2, "3/4", 0, -3, 48),
    draw_chorale(3, "6/8", 2, 4, 38),
]


def read(path):
    score = score_file.parse_file(path)
    parts = score_file.four_parts(score)
    return score_file.to_chorale(score, parts, path.name).chorale


@pytest.mark.parametrize("chorale", CHORALES, ids=lambda c: c.meter)
def test_musicxml_is_read_back(chorale, tmp_path):
    path = tmp_path / "a.musicxml"
    text = musicxml.write_musicxml(chorale, tempo=76, programs=PROGRAMS)
    path.write_text(text, "utf-8")
    again = read(path)
    assert again.voices == chorale.voices
    assert (again.meter, again.pickup) == (chorale.meter, chorale.pickup)
    assert again.title == "A & B"
    signature = ET.fromstring(text.partition("\n")[2].partition("\n")[2])
    assert signature.find(".//fifths").text == str(chorale.sharps)


@pytest.mark.parametrize("chorale", CHORALES, ids=lambda c: c.meter)
def test_midi_is_read_back(chorale, tmp_path):
    path = tmp_path / "a.mid"
    path.write_bytes(midi.render_midi(chorale, tempo=76, programs=PROGRAMS))
    again = read(path)
    assert again.voices == chorale.voices
    assert (again.meter, again.pickup) == (chorale.meter, chorale.pickup)


@pytest.mark.parametrize("chorale", CHORALES, ids=lambda c: c.meter)
def test_abc_is_read_back(chorale, tmp_path):
    path = tmp_path / "a.abc"
    path.write_text(abc.write_abc(chorale, tempo=76), "utf-8")
    again = read(path)
    assert again.voices == chorale.voices
    assert again.meter == chorale.meter


def test_two_staves_have_all_notes():
    chorale = CHORALES[0]
    text = musicxml.write_musicxml(chorale, closed=True)
    root = ET.fromstring(text[text.index("<score") :])
    assert len(root.findall("part")) == 2
    beginning = [
        note
        for note in root.iter("note")
        if not [t for t in note.findall("tie") if t.get("type") == "stop"]
    ]
    assert len(beginning) == sum(len(chorale.notes(v)) for v in range(4))


def test_the_melody_is_the_highest_part_or_the_one_named(tmp_path):
    chorale = draw_chorale(4)
    chorale = Chorale(chorale.voices[::-1], chorale.meter, chorale.pickup)
    path = tmp_path / "a.musicxml"
    path.write_text(musicxml.write_musicxml(chorale), "utf-8")
    found = score_file.read_melody(path).chorale
    assert found.voices == (chorale.voices[3], "", "", "")
    assert (
        score_file.read_melody(path, "alto").chorale.voices[0]
        == (chorale.voices[1])
    )
    assert (
        score_file.read_melody(path, "3").chorale.voices[0]
        == (chorale.voices[2])
    )
    with pytest.raises(InputError, match="no part oboe; it has: 1 Soprano"):
        score_file.read_melody(path, "oboe")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.abc", "nothing"),
        ("a.musicxml", "<x>"),
        ("a.mid", "x"),
        ("a.txt", ""),
    ],
)
def test_what_is_no_music_is_one_line(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as error:
        score_file.read_melody(tmp_path / name)
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="no such file"):
        score_file.read_melody(tmp_path / "none.abc")


def test_a_folder_has_every_file_and_a_page(tmp_path):
    chorales = [draw_chorale(5, steps=20), draw_chorale(6, steps=36)]
    sound = folder.Sound(120, PROGRAMS)
    paths = folder.write_folder(
        tmp_path / "out", chorales, ["one", "two"], sound
    )
    assert len(paths) == 2 * 6 + 1
    assert all(path.stat().st_size > 100 for path in paths)
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    notes = sum(len(c.notes(v)) for c in chorales for v in range(4))
    assert page.count('<rect class="note v') == notes
    assert page.count("<article") == page.count("audio/ogg;codecs") == 2
    assert "A &amp; B" in page and "$" not in page.partition("<script>")[0]
    first = (tmp_path / "out" / "chorale-1.wav").read_bytes()
    again = folder.write_folder(
        tmp_path / "again", chorales[:1], ["one"], sound
    )
    assert again[3].read_bytes() == first
