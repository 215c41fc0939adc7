"""Real tunes of ABC, as we hear them and as abc2midi does."""

import random
import re
import shutil
import subprocess
from collections import Counter
from fractions import Fraction
from pathlib import Path

import mido
import pytest

from seqapps.tasks.music import collection
from seqapps.tasks.music.notation import abc
from seqapps.tasks.music.notation.melody import expand_repeats, melody

DATA = Path(__file__).parents[2] / "shared" / "data" / "music"
COUNT = 900
_FIELD = re.compile(r"[A-Za-z]:")
# What is heard as more or other notes than are written.
_ORNAMENT = re.compile(r'\{[^}\n]*\}|![^!\s|]+!|"[^"\n]*"|[~.H-Wh-w]')

# A repeat without `|:` goes back to the last double bar with us, and to the
# last repeat with abc2midi; the standard (4.8) leaves it open. So both read
# the text as written, once through.
_LINES = re.compile(r"[:\[]*\|[:|\]]*(?:\s*\[?\d[\d,-]*)?|::|\[\d[\d,-]*")


def pool(folder):
    """All tunes, cut at `X:`, in a fixed order."""
    files = [folder / "irish.abc", *sorted((folder / "nottingham").iterdir())]
    for source in ("oneill", "ryan", "aird"):
        files += collection._files(source)
    for file in files:
        text = file.read_bytes().decode("latin-1").replace("\r\n", "\n")
        for tune in re.split(r"(?m)^(?=X:)", text):
            if tune.startswith("X:"):
                yield file.name, tune


def plain(text):
    """The text without what abc2midi plays and nobody wrote.

    Ornaments, chord symbols, an order of parts, the swing that it gives
    whatever `R:` calls a hornpipe, and a `!` for the end of a line, which it
    takes for the beginning of a decoration (4.14 knows no space in one).
    """
    lines, body = [], False
    for line in text.split("\n"):
        inline = _FIELD.match(line) and not re.match(r"[A-Ga-g]:[|:]", line)
        if inline and line[0] in "PRW":
            continue
        if body and not inline and not line.startswith("%"):
            fields = re.split(r"(\[[A-Za-z]:[^\]\n]*\])", line.split("%")[0])
            fields[::2] = [
                _LINES.sub("|", _ORNAMENT.sub("", part)) for part in fields[::2]
            ]
            line = "".join(fields).replace("!", "")
            if not line.strip():
                line = "%"
        body |= line.startswith("K:")
        lines.append(line if line.strip() else "")
    lines[0] = "X:1"
    return "\n".join(lines) + "\n"


def heard(text, folder):
    """Onsets in crotchets and pitches, of abc2midi; None without a file."""
    source, target = folder / "tune.abc", folder / "tune.mid"
    source.write_text(text, encoding="latin-1", errors="replace")
    target.unlink(missing_ok=True)
    subprocess.run(
        ["abc2midi", source, "1", "-NGUI", "-o", target],
        capture_output=True,
        timeout=60,
    )
    if not target.exists():
        return None
    file = mido.MidiFile(target)
    top: dict[float, int] = {}
    for track in file.tracks:
        time, first, last = 0, 0, -99
        for event in track:
            time += event.time
            if event.type == "note_on" and event.velocity and not event.channel:
                if time - last > 10:  # or struck with the chord before
                    first = time
                last = time
                start = round(first / file.ticks_per_beat, 3)
                top[start] = max(event.note, top.get(start, 0))
    return sorted(top.items())


def ours(tune):
    """The same of our reader."""
    time, onsets = 0, []
    for pitch, length in melody(tune):
        if pitch is not None:
            onsets.append((float(time) * 4, pitch))
        time += length
    return onsets


def same(one, two):
    return len(one) == len(two) and all(
        abs(a[0] - b[0]) < 0.03 and a[1] == b[1]
        for a, b in zip(one, two, strict=True)
    )


def compare(texts, folder):
    """How many both read, why we do not read the others, where we differ."""
    reasons, differ, both = Counter(), [], 0
    for name, text in texts:
        try:
            tune = abc.normalise(text)
        except abc.Unusable as error:
            reasons[error.reason] += 1
            continue
        theirs = heard(plain(text), folder)
        if not theirs:
            reasons["not read by abc2midi"] += 1
            continue
        both += 1
        if not same(ours(tune), theirs):
            differ.append((name, text.partition("\n")[0]))
    return both, reasons, differ


with_abc2midi = pytest.mark.skipif(
    not shutil.which("abc2midi"), reason="abc2midi is not installed"
)


@pytest.mark.data
@with_abc2midi
@pytest.mark.skipif(not DATA.is_dir(), reason=f"there is no {DATA}")
def test_onsets_and_pitches_of_real_tunes_agree(tmp_path):
    texts = random.Random(0).sample(list(pool(DATA)), COUNT)
    both, reasons, differ = compare(texts, tmp_path)
    print(both, reasons.most_common())
    assert differ == []
    assert both >= 845
    assert set(reasons) <= {
        "bars that do not add up",
        "changes key or metre",
    }


HEAD = "X:1\nM:{}\nL:1/8\nK:{}\n{}\n"
OWN = [  # metre, key, music, onsets in crotchets, pitches
    (
        "4/4",
        "C",
        "(3:2:2A2B A6|G5d3|Z|C,8|]",
        "0 2/3 1 4 13/2 12",
        "69 71 69 67 74 48",
    ),
    (
        "4/4",
        "Dphr ^f",
        "D2E2F2B2|f2e2d4|=F2f2^F2f2|D8|]",
        "0 1 2 3 4 5 6 8 9 10 11 12",
        "62 63 66 70 78 75 74 65 77 66 78 62",
    ),
    (
        "4/4",
        "Hp",
        "F2c2g4|A>Bc<d e2z2|^g4-g4|A8|]",
        "0 1 2 4 19/4 5 21/4 6 8 12",
        "66 73 79 69 71 73 74 76 80 69",
    ),
    (
        "9/8",
        "F",
        "B9|(3:2:4AB/c/d c3 A4|[FAc]9|{ga}F9-|F9|]",
        "0 9/2 29/6 5 31/6 11/2 7 9 27/2",
        "70 69 70 72 74 72 69 72 65",
    ),
    (
        "4/4",
        "G octave=-1",
        "g4b4&d8|c'8|d'8|g8|]",
        "0 2 4 8 12",
        "67 71 72 74 67",
    ),
    (
        "4/4",
        "G",
        "|:G4A4|[1-2B8:|[3c8|]d8|]",
        "0 2 4 8 10 12 16 18 20 24",
        "67 69 71 67 69 71 67 69 72 74",
    ),
]


def checked(onsets, pitches):
    pairs = zip(onsets.split(), pitches.split(), strict=True)
    return [(float(Fraction(onset)), int(pitch)) for onset, pitch in pairs]


@pytest.mark.parametrize(("meter", "key", "music", "onsets", "pitches"), OWN)
def test_tunes_checked_by_hand(meter, key, music, onsets, pitches):
    tune = abc.normalise(HEAD.format(meter, key, music))
    assert same(ours(expand_repeats(tune)), checked(onsets, pitches))


@with_abc2midi
@pytest.mark.parametrize(("meter", "key", "music", "onsets", "pitches"), OWN)
def test_abc2midi_hears_them_so(tmp_path, meter, key, music, onsets, pitches):
    text = HEAD.format(meter, key, music.replace("{ga}", ""))
    assert same(heard(text, tmp_path), checked(onsets, pitches))
