"""MIDI files as they are found: what players read is read, and no more."""

import struct

import mido
import pytest

from seqapps.errors import InputError
from seqapps.tasks.music.importers import reader, smf
from seqapps.tasks.music.notation import abc
from seqapps.tasks.music.notation.melody import melody
from seqapps.tasks.music.rendering import perform

SCALE = [67, 69, 71, 72, 74, 71, 69, 67] * 2
CANON = "G2 A2 B2 c2 | d2 B2 A2 G2 | G2 A2 B2 c2 | d2 B2 A2 G2 |]"


def number(value):
    out = bytes([value & 127])
    while value := value >> 7:
        out = bytes([value & 127 | 128]) + out
    return out


def meta(kind, data, time=0):
    return number(time) + bytes([255, kind, len(data)]) + data


def note(pitch, length=96, channel=0):
    on = bytes([0, 0x90 | channel, pitch, 80])
    return on + number(length) + bytes([0x80 | channel, pitch, 0])


def head(kind=1, tracks=1, division=96, extra=b""):
    sizes = struct.pack(">IHHH", 6 + len(extra), kind, tracks, division)
    return b"MThd" + sizes + extra


def track(*events, end=b"\0\xff\x2f\0"):
    body = b"".join(events) + end
    return b"MTrk" + struct.pack(">I", len(body)) + body


KEY, METRE = meta(0x59, b"\1\0"), meta(0x58, b"\4\2\x18\x08")
LINE = b"".join(map(note, SCALE))
PLAIN = head() + track(KEY, METRE, LINE)
WRAPPED = struct.pack("<I", len(PLAIN) + 12) + b"RMIDdata"
RUNNING = b"\0\x90\x43\x50" + b"".join(
    meta(1, b"la") + b"\x60" + bytes([a, 0]) + b"\0" + bytes([b, 80])
    for a, b in zip(SCALE, SCALE[1:], strict=False)
)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(head(2) + track(KEY, METRE, LINE), id="type 2"),
        pytest.param(
            b"RIFF"
            + WRAPPED
            + struct.pack("<I", len(PLAIN))
            + PLAIN
            # what follows in RIFF has lengths of the other byte order
            + b"LIST\4\0\0\0INFO",
            id="RMID",
        ),
        pytest.param(
            head() + b"XFIH\0\0\0\3abc" + track(KEY, METRE, LINE), id="chunk"
        ),
        pytest.param(
            head(extra=b"more") + track(KEY, METRE, LINE), id="long header"
        ),
        pytest.param(
            head(1, 9) + track(KEY, METRE, LINE), id="too many tracks promised"
        ),
        pytest.param(
            head(0, 1) + track(KEY, METRE) + track(LINE), id="too few promised"
        ),
        pytest.param(PLAIN + b"\0" * 50, id="bytes after the end"),
        pytest.param(PLAIN + PLAIN, id="a file after the file"),
        pytest.param(
            head() + track(KEY, METRE, RUNNING, b"\x60\x43\0"),
            id="running status across meta events",
        ),
        pytest.param(
            head() + track(KEY, METRE, b"\0\xf0\2\1\xf7\0\xf3\1\0\xf8", LINE),
            id="system messages",
        ),
        pytest.param(
            head() + track(KEY, METRE, LINE, end=b""), id="no end of track"
        ),
        pytest.param(
            head() + track(KEY, METRE, LINE[:-4], end=b"\x60\xff\x2f\0"),
            id="the end of a track ends all notes",
        ),
        pytest.param(
            head(1, 1, 0xE728)  # 25 frames of 40 ticks a second
            + track(KEY, METRE, *(note(p, 500) for p in SCALE)),
            id="SMPTE time",
        ),
        pytest.param(
            head(1, 1, 0xE250)  # 30 frames of 80 ticks, 60 beats a minute
            + track(
                meta(0x51, b"\x0f\x42\x40"),
                KEY,
                METRE,
                *(note(p, 2400) for p in SCALE),
            ),
            id="SMPTE time with a tempo",
        ),
        pytest.param(
            head() + track(meta(0x51, b"\0\0\0"), KEY, METRE, LINE),
            id="a tempo of 0",
        ),
        pytest.param(
            head()
            + track(
                KEY,
                METRE,
                *(
                    bytes([0, 0x90, p, 80, 0x60, 0x90, p, 80, 0, 0x80, p, 0])
                    + bytes([0, 0x80, p, 0])
                    for p in SCALE
                ),
            ),
            id="struck again before the end at the same time",
        ),
    ],
)
def test_what_players_read_is_read(tmp_path, data):
    path = tmp_path / "a.mid"
    path.write_bytes(data)
    assert reader.load_tune(path)[0].body == CANON


def test_a_note_struck_again_ends_there(tmp_path):
    path = tmp_path / "a.mid"
    twice = b"".join(
        bytes([wait, 0x90, p, 80, 0x30, 0x90, p, 80, 0x30, 0x80, p, 0])
        for wait, p in zip([0, *[0x60] * 7], range(67, 75), strict=True)
    )
    path.write_bytes(head() + track(KEY, METRE, twice))
    tune = reader.load_tune(path)[0]
    assert tune.body.startswith("G G z2 ^G G z2 | A A z2 _B B z2 |")


@pytest.mark.parametrize(
    ("metre", "key", "message"),
    [
        (b"\4\0\x18\x08", b"\1\0", ""),  # a denominator of 2 ** 0
        (b"\0\2\x18\x08", b"\1\0", "no metre was given"),
        (b"\4\xff\x18\x08", b"\1\0", "no metre was given"),
        (b"\4", b"\1\0", "no metre was given"),
        (b"\4\2\x18\x08", b"\x20\0", "no key was given"),
        (b"\4\2\x18\x08", b"\1", "no key was given"),
        (b"\4\2\x18\x08", b"", "no key was given"),
    ],
)
def test_a_metre_or_key_that_is_none_is_as_good_as_absent(
    tmp_path, metre, key, message
):
    path = tmp_path / "a.mid"
    line = LINE * (4 if not metre[1:2].strip(b"\0") and metre[0] else 1)
    path.write_bytes(head() + track(meta(0x58, metre), meta(0x59, key), line))
    tune, messages = reader.load_tune(path)
    assert [p for p, _ in melody(tune)] == SCALE * (len(line) // len(LINE))
    assert tune.key == "G"
    assert ", ".join(messages).startswith(message)


def test_pitch_bends_are_told(tmp_path):
    path = tmp_path / "a.mid"
    path.write_bytes(head() + track(KEY, METRE, b"\0\xe0\0\x50", LINE))
    tune, messages = reader.load_tune(path)
    assert (tune.body, messages) == (CANON, ["pitch bends were left out"])


FAR = b"\xff\xff\xff\x7f\x90\x3c\x50\x60\x80\x3c\0"  # 2 ** 28 - 1 ticks


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "damaged, or not MIDI"),
        (PLAIN[:13], "damaged, or not MIDI"),
        (head(3) + track(LINE), "damaged, or not MIDI"),
        (head(1, 1, 0) + track(LINE), "no ticks to the beat"),
        (head(1, 1, 0xE700) + track(LINE), "no ticks to the beat"),
        (head(), "no notes"),
        (head() + track(), "no notes"),
        (head() + track(*(note(p, 96, 9) for p in SCALE)), "only drums"),
        (PLAIN[:-30], "cut short"),
        (head() + track(b"\0\x43\x50"), "damaged, or not MIDI"),
        (head() + track(LINE, b"\0\x90", end=b""), "damaged, or not MIDI"),
        (head() + track(LINE, b"\xff" * 9), "damaged, or not MIDI"),
        (head() + track(note(60), FAR), "too long"),
        (head() + track(note(60, 2**28 - 1)), "too long"),
        (head(1, 1, 1) + track(note(60), note(60, 50_000)), "too long"),
        (head() + track(LINE * 320), "more than 5000 notes"),
        (head() + track(KEY * 200_001), "more than 200000 events"),
        (PLAIN + bytes(smf.MAX_BYTES), "larger than 2 MB"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_one_file(tmp_path, data, reason):
    (tmp_path / "a.mid").write_bytes(data)
    (tmp_path / "b.mid").write_bytes(PLAIN)
    with pytest.raises(InputError, match=f"cannot use .*a.mid: {reason}"):
        reader.load_tune(tmp_path / "a.mid")
    tunes, account = reader.load_tunes(tmp_path)
    assert set(tunes) == {"b.mid"}
    assert set(account["left_out"]) == {"a.mid"}


def test_a_silence_before_the_music_is_no_length(tmp_path):
    path = tmp_path / "a.mid"
    path.write_bytes(head() + track(KEY, METRE, FAR[:4] + LINE[1:]))
    tune, _ = reader.load_tune(path)
    assert [p for p, _ in melody(tune)] == SCALE


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_titles_are_read_as_they_are_written(tmp_path, encoding):
    path = tmp_path / "a.mid"
    name = meta(3, "Café “noir”".encode(encoding))
    path.write_bytes(head() + track(name, KEY, METRE, LINE))
    assert reader.load_tune(path)[0].title == "Café “noir”"


@pytest.mark.parametrize(
    ("key", "sign"),
    [("Em", "Em"), ("G", "G"), ("Bbm", "Bbm"), ("C#min", "C#m"), ("Ador", "G")],
)
def test_midi_says_the_mode_and_keeps_the_title(tmp_path, key, sign):
    head = f"X:1\nT:Дорога 道 é\nM:4/4\nL:1/8\nK:{key}\n"
    tune = abc.normalise(head + "G2A2B2c2|" * 4)
    path = tmp_path / "a.mid"
    path.write_bytes(perform.render_midi(tune))
    metas = {m.type: m for m in mido.MidiFile(path, charset="utf-8").tracks[0]}
    assert metas["key_signature"].key == sign
    assert metas["track_name"].name == "Дорога 道 é"
    loaded, _ = reader.load_tune(path)
    assert loaded.title == tune.title
    if tune.mode in ("major", "minor"):
        assert (loaded.key, loaded.mode) == (tune.key, tune.mode)


@pytest.mark.parametrize(
    ("track_", "first"),
    [("", 67), ("1", 67), ("2", 43), ("3", 69), ("bass", 43), ("Other", 69)],
)
def test_a_track_is_chosen_by_number_or_name(tmp_path, track_, first):
    path = tmp_path / "a.mid"
    names = [meta(3, name) for name in (b"Lead", b"The \x1b[31mbass", b"Other")]
    keys = [KEY, KEY, meta(0x59, b"\3\0")]
    moved = [0, -24, 2]
    path.write_bytes(
        head(2, 3)  # songs of their own, each with its key
        + b"".join(
            track(name, METRE, key, *(note(p + move) for p in SCALE))
            for name, key, move in zip(names, keys, moved, strict=True)
        )
    )
    tune, messages = reader.load_tune(path, track_)
    chosen = [67, 43, 69].index(first) + 1
    assert f"track {chosen} " in messages[0]
    assert messages[0].isprintable()
    # what lies too low for ABC moves up by octaves
    assert melody(tune)[0][0] % 12 == first % 12
    assert tune.key == ("A" if chosen == 3 else "G")
    _, account = reader.load_tunes(tmp_path, track_)
    assert account["usable"] == 1
    with pytest.raises(InputError, match='track is called 4.*3 "Other"'):
        reader.load_tune(path, "4")
    with pytest.raises(InputError, match="more than one track is called e"):
        reader.load_tune(path, "e")
