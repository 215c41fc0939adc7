"""MIDI as programs write it and as people play it, damaged and begun."""

import random

import mido
import pytest

from seqapps.errors import InputError
from seqapps.tasks.music.importers import reader
from seqapps.tasks.music.notation import abc, bars, validation
from seqapps.tasks.music.notation.melody import expand_repeats, melody
from seqapps.tasks.music.rendering import perform

BEAT = 480
SCALE = [67, 69, 71, 72, 74, 71, 69, 67]  # twice this are four bars
KEY = mido.MetaMessage("key_signature", key="G")
METRE = mido.MetaMessage("time_signature", numerator=4, denominator=4)


def notes(pitches, length=1.0, channel=0, gate=1.0, wait=0.0):
    """Messages of notes one after another; lengths in beats."""
    events = []
    for i, pitch in enumerate(pitches):
        silence = wait if i == 0 else length * (1 - gate)
        common = {"note": pitch, "channel": channel}
        for kind, time in (("note_on", silence), ("note_off", length * gate)):
            events.append(mido.Message(kind, time=round(time * BEAT), **common))
    return events


def midi(path, *tracks, kind=1):
    file = mido.MidiFile(ticks_per_beat=BEAT, type=kind)
    file.tracks.extend(mido.MidiTrack(track) for track in tracks)
    file.save(path)
    return path


def body(path, *tracks, **kwargs):
    return reader.load_tune(midi(path, *tracks, **kwargs))[0].body


def sounds(tune):
    """Notes as they sound, without silence at the ends."""
    notes_ = melody(expand_repeats(tune))
    while notes_[-1][0] is None:
        notes_.pop()
    return notes_


@pytest.fixture
def mid(tmp_path):
    return tmp_path / "a.mid"


@pytest.mark.parametrize(
    ("meter", "music"),
    [
        ("6/8", "|:D|GAB c2d|e3 f>ed|c2z BAG|[1G3G2:|[2G6|]\n|:g2a b3|g6:|"),
        ("2/4", "(3GAB|c>d e/f/g/a/|(3b/a/g/ f z/e/z|d//e//f/g a2-|a2 b2|c'4"),
        (
            "4/4",
            "G2|^F2=F2 ^c_B A2|(3G2A2B2 c4-|c4-c d2-d|G,8|C,3/2 D,/2 C4 G,2|]",
        ),
        ("3/2", "G8 A4|B12|z4 (3ABc d6-|d4- d4 c4|B12|]"),
    ],
)
@pytest.mark.parametrize("key", ["G", "Bb", "F#min", "Edor"])
def test_midi_comes_back_as_it_was(mid, meter, music, key):
    text = f"X:1\nT:A tune\nM:{meter}\nL:1/8\nK:{key}\n{music}"
    tune = abc.normalise(text)
    mid.write_bytes(perform.render_midi(tune))
    loaded, messages = reader.load_tune(mid)
    assert sounds(loaded) == sounds(tune)
    assert (loaded.title, loaded.meter, messages) == ("A tune", meter, [])
    assert abc.normalise(loaded.abc()) == loaded
    assert bars.durations(loaded.body)[0] == bars.durations(tune.body)[0]


def test_the_melody_is_found_among_tracks(mid):
    low, high = notes([43, 50] * 8), notes(SCALE * 2, channel=1)
    drums = notes([90] * 32, 0.5, channel=9)
    song = [KEY, METRE, mido.MetaMessage("track_name", name="Song")]
    loaded, messages = reader.load_tune(midi(mid, song, low, high, drums))
    scale = "G2 A2 B2 c2 | d2 B2 A2 G2 | G2 A2 B2 c2 | d2 B2 A2 G2 |]"
    assert (loaded.title, loaded.body) == ("Song", scale)
    assert messages == [
        "only the melody was kept: track 2, not 1 (choose with --track)"
    ]
    # few notes are no melody, however high; a name says more than the height
    few = notes([96, 98, 100])
    assert body(mid, song, low, high, few) == scale
    flute = notes([91] * 16)
    named = [mido.MetaMessage("track_name", name="Vocals"), *high]
    assert body(mid, song, flute, named) == scale
    one = mido.merge_tracks([mido.MidiTrack(t) for t in (song, low, high)])
    assert body(mid, one, kind=0) == scale


def test_the_top_note_is_kept(mid):
    chord = []
    for _ in range(16):
        for kind, time in (("note_on", 0), ("note_off", BEAT)):
            for i, pitch in enumerate((60, 67, 64)):
                when = 0 if i else time
                chord.append(mido.Message(kind, note=pitch, time=when))
    loaded, messages = reader.load_tune(midi(mid, [KEY, METRE, *chord]))
    assert loaded.body == " | ".join(["G2 G2 G2 G2"] * 4) + " |]"
    assert messages == ["only the top note of each chord was kept"]


def test_what_is_played_is_put_on_the_grid(mid):
    tune = abc.normalise(
        "X:1\nM:4/4\nL:1/8\nK:G\nG2|dBGB dBGB|(3cde f2 e>d B2|G2 z2 A2 B2|"
        "g/f/e/d/ c2 B3 A|G4 z2|]"
    )
    draw = random.Random(0)
    late = 20 * 152 // 60 * BEAT // 1000  # 20 ms
    events = [(0, 0, KEY), (0, 0, METRE.copy(numerator=1)), (BEAT, 0, METRE)]
    for pitch, start, length in perform.timed_notes(tune):
        for kind, at in ("note_on", start), ("note_off", start + length * 0.9):
            tick = round(at * 4 * BEAT) + draw.randint(-late, late)
            event = mido.Message(kind, note=pitch)
            events.append((max(tick, 0), kind == "note_on", event))
    events.sort(key=lambda event: event[:2])
    track = []
    for i, (tick, _, event) in enumerate(events):
        track.append(event.copy(time=tick - (events[i - 1][0] if i else 0)))
    loaded, (messages,) = reader.load_tune(midi(mid, track))
    assert loaded.body == tune.body
    assert messages.startswith("quantised to sixteenths and triplets; largest")
    assert 0 < float(messages.rpartition(" ")[2]) < 0.06


def test_silence_at_the_beginning(mid):
    song = [KEY, METRE]
    late = [*song, *notes([62, *SCALE, *SCALE], wait=11)]
    assert body(mid, late).startswith("D2 | G2 A2 B2 c2 | d2")
    soon = [*song, *notes([62, *SCALE, *SCALE], wait=9)]
    assert body(mid, soon).startswith("z2 D2 G2 A2 | B2")


def test_the_last_bar_is_filled(mid):
    song = [KEY, METRE]
    line = [*SCALE, *SCALE[:5]]
    assert body(mid, [*song, *notes(line, gate=0.8)]).endswith("| d2 z6 |]")
    legato = notes([67, 69, 71]), notes([72], 0.9, wait=0), notes([74], 3.9)
    assert body(mid, [*song, *notes(SCALE), *sum(legato, [])]).endswith(" |]")
    primer, _ = reader.load_primer(midi(mid, [*song, *notes(line)]))
    assert primer.body == "G2 A2 B2 c2 | d2 B2 A2 G2 | G2 A2 B2 c2 | d2"
    primer, _ = reader.load_primer(midi(mid, [*song, *notes(SCALE[:4])]))
    assert primer.body == "G2 A2 B2 c2 |"
    primer, _ = reader.load_primer(midi(mid, [*song, *notes(SCALE[:3])]))
    assert primer.body == "G2 A2 B2"


def test_a_melody_is_moved_into_reach(mid):
    loaded, messages = reader.load_tune(
        midi(mid, [KEY, METRE, *notes([p - 24 for p in SCALE * 2])])
    )
    assert loaded.body.startswith("G,2 A,2 B,2 C2 | D2")
    assert messages == ["moved by octaves: 1"]
    with pytest.raises(InputError, match="out of range"):
        reader.load_tune(midi(mid, [KEY, METRE, *notes([20, 100] * 8)]))


@pytest.mark.parametrize(
    ("sign", "pitches", "expected", "estimated"),
    [
        (None, [60, 64, 67, 72, 71, 67, 62, 60] * 2, ("C", "major"), True),
        (None, [69, 72, 76, 81, 80, 76, 71, 69] * 2, ("A", "minor"), True),
        ("C", [62, 66, 69, 74, 73, 69, 64, 62] * 2, ("D", "major"), False),
        ("G", [64, 67, 71, 76, 75, 71, 66, 64] * 2, ("E", "minor"), False),
        ("Gm", SCALE * 2, ("G", "minor"), False),
        ("Db", [61, 65, 68, 73, 72, 68, 63, 61] * 2, ("Db", "major"), False),
    ],
)
def test_the_key(mid, sign, pitches, expected, estimated):
    keys = [mido.MetaMessage("key_signature", key=sign)] if sign else []
    tune, messages = reader.load_tune(
        midi(mid, [METRE, *keys, *notes(pitches)])
    )
    assert (tune.key, tune.mode) == expected
    assert [p for p, _ in melody(tune)] == pitches
    assert ("no key was given: found by analysis" in messages) == estimated


def test_black_keys_are_spelt_in_the_key(mid):
    black = [66, 68, 70, 73, 75, 67, 69, 71]
    for sign, expected in (
        ("Dm", "^F2 _A2 B2 ^c2 | _e2 G2 A2 =B2 |"),
        ("C#m", "F2 G2 ^A2 c2 | d2 =G2 A2 B2 |"),
    ):
        key = mido.MetaMessage("key_signature", key=sign)
        track = [METRE, key, *notes(black + SCALE)]
        assert body(mid, track).startswith(expected)


@pytest.mark.parametrize(
    ("tracks", "reason"),
    [
        ([[METRE]], "no notes"),
        ([notes(SCALE * 2, 0)], "no notes"),
        ([notes(SCALE * 2, channel=9)], "only drums"),
        ([notes(SCALE)], "too short"),
        (
            [[METRE, *notes(SCALE), METRE.copy(numerator=3), *notes(SCALE)]],
            "changes key or metre",
        ),
        (
            [[KEY, *notes(SCALE), KEY.copy(key="A"), *notes(SCALE)]],
            "changes key or metre",
        ),
        ([[METRE.copy(numerator=13), *notes(SCALE * 2)]], "unusual metre"),
        ([notes([60, 62], wait=10**5)[:2] + notes([60], wait=10**5)], "too"),
    ],
)
def test_midi_that_cannot_be_used(mid, tracks, reason):
    with pytest.raises(InputError, match=f"cannot use .*a.mid: {reason}"):
        reader.load_tune(midi(mid, *tracks))


def test_damaged_midi(mid, capfd):
    midi(mid, [KEY, METRE, *notes(SCALE * 2)])
    data = mid.read_bytes()
    mid.write_bytes(data[:-30])
    with pytest.raises(InputError, match="cut short"):
        reader.load_tune(mid)
    draw = random.Random(0)
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(draw.randrange(1, 6)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        mid.write_bytes(damaged)
        try:
            tune, _ = reader.load_tune(mid)
        except InputError:
            continue
        assert validation.find_problems(tune.meter, tune.body) == []
    assert capfd.readouterr() == ("", "")


def test_a_metre_that_only_marks_short_bars(mid):
    short = METRE.copy(numerator=1)
    rest = METRE.copy(numerator=3)
    track = [KEY, short, *notes([62]), METRE, *notes(SCALE)]
    track += [*notes(SCALE[:4]), rest, *notes([71, 69, 67])]
    again = [short, *notes([62]), METRE, *notes(SCALE)]
    assert body(mid, track + again) == (
        "D2 | G2 A2 B2 c2 | d2 B2 A2 G2 | G2 A2 B2 c2 | B2 A2 G2 D2 | "
        "G2 A2 B2 c2 | d2 B2 A2 G2 |]"
    )


def test_notes_too_short_for_the_grid(mid):
    midi(mid, notes([67, 69, 71, 72], length=1 / 480))
    for read in (reader.load_tune, reader.load_primer):
        with pytest.raises(InputError, match="no notes"):
            read(mid)
