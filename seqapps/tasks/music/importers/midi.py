"""MIDI: of the notes of a song comes a melody in bars."""

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from seqapps.tasks.music.importers import melody_part, timing
from seqapps.tasks.music.importers.draft import (
    NO_KEY,
    NO_METRE,
    PARTS,
    TOGETHER,
    Bar,
    Draft,
    Note,
)
from seqapps.tasks.music.importers.grid import STEP
from seqapps.tasks.music.importers.skyline import skyline
from seqapps.tasks.music.importers.song import Song
from seqapps.tasks.music.importers.timing import Played
from seqapps.tasks.music.notation import tonality
from seqapps.tasks.music.notation.header import Unusable, fifths, read_meter

MOVED = "quantised to sixteenths and triplets; the most a note moved, in beats"
SHORT = "notes too short for sixteenths were left out"
BENT = "pitch bends were left out"
_LONGEST = 2000  # bars; damaged files have silences of millions
_MOST = 5000  # notes of the melody's track
_MELODY = re.compile("melod|vocal|voice|lead|sopran", re.IGNORECASE)


def draft(song: Song, complete: bool = True, track: str = "") -> Draft:
    """Take the melody of a song.

    Args:
        song: what the file says.
        complete: whether the last bar is filled up; if not, the melody is to
            go on.
        track: number or name of the one that is the melody; empty: the one
            that looks most like it.

    Raises:
        Unusable: if there is no melody in one metre and one key.
    """
    lost: dict[str, Fraction | int] = {}
    if not song.tracks:
        raise Unusable("only drums" if song.drums else "no notes")
    names = [track.name for track in song.tracks]
    place, chosen = melody_part.choose(
        "track", names, track, lambda: _melody(song)
    )
    notes, meters, keys = song.tracks[place][1:4]
    if len(notes) > _MOST:
        raise Unusable(f"more than {_MOST} notes")
    meter, upbeat = _meter(meters, max(n.end for n in notes))
    whole = Fraction(meter) * 8
    first = min(n.start for n in notes)
    if max(n.end for n in notes) - first > _LONGEST * whole:
        raise Unusable("too long")
    later = whole - upbeat if upbeat else 0
    line = timing.line(
        [Played(n.start + later, n.end + later, n.pitch) for n in notes],
        whole,
        upbeat,
    )
    if len(song.tracks) > 1 or song.drums:
        lost[PARTS] = 0
    if line.together:
        lost[TOGETHER] = 0
    if line.short:
        lost[SHORT] = 0
    if line.moved:
        lost[MOVED] = line.moved / 2
    if song.tracks[place].bent:
        lost[BENT] = 0
    if song.timed:
        lost[song.timed] = 0
    if not meters:
        lost[NO_METRE] = 0
    heard = [(n.pitch, n.end - n.start) for n in line.notes]
    key, mode = _key(keys, heard)
    if not keys:
        lost[NO_KEY] = 0
    sharps = fifths(key, mode)
    spelt = [
        Note(n.start, n.end, *tonality.spell(n.pitch, sharps))
        for n in line.notes
    ]
    end = line.end if complete else line.notes[-1].end
    bars = list(_bars(line.start, end, whole))
    if not bars:  # each note is shorter than half a sixteenth
        raise Unusable("no notes")
    if not complete:
        bars[-1] = bars[-1]._replace(torn=bool(end % whole))
    return Draft(song.title, key, mode, meter, spelt, bars, lost, chosen)


def _melody(song: Song) -> int:
    """The track that looks most like the melody."""
    sizes = [len({n.start for n in track.notes}) for track in song.tracks]
    full = [i for i, size in enumerate(sizes) if 2 * size >= max(sizes)]
    named = [i for i in full if _MELODY.search(song.tracks[i].name)]
    return max(named or full, key=lambda i: _mean_pitch(song.tracks[i].notes))


def _mean_pitch(notes: list[Played]) -> float:
    pitches = [n.pitch for n in skyline(notes, slack=STEP)]
    return sum(pitches) / len(pitches)


def _meter(
    meters: list[tuple[Fraction, str]], end: Fraction
) -> tuple[str, Fraction]:
    """The one metre of a song, and the length of its pick-up.

    Programs write a pick-up, and the short bar before another one, as metres
    of their own. That is no change as long as bar lines stay where they were.
    """
    held = dict(sorted(m for m in meters if m[0] < end))
    if not held:
        return "4/4", Fraction(0)
    total: Counter[str] = Counter()
    spans = pairwise([*held.items(), (end, "")])
    lasted = [(meter, after - time) for (time, meter), (after, _) in spans]
    for meter, span in lasted:
        total[meter] += span
    main = total.most_common(1)[0][0]
    whole = Fraction(read_meter(main)) * 8
    begins = [time for time, meter in held.items() if meter == main]
    long = any(meter != main and span >= whole for meter, span in lasted)
    if long or any((b - a) % whole for a, b in pairwise(begins)):
        raise Unusable("changes key or metre")
    upbeat = begins[0] % whole
    return main, upbeat if upbeat >= STEP else Fraction(0)


def _key(
    keys: list[tuple[int, bool]], heard: list[tuple[int, Fraction]]
) -> tuple[str, str]:
    """Tonic and mode.

    Most programs call every signature major, and write C major where they
    know none: so analysis has a say in both.
    """
    if len({sharps for sharps, _ in keys}) > 1:
        raise Unusable("changes key or metre")
    if not keys:
        return tonality.analyse(heard)
    sharps, minor = keys[0]
    if minor:
        return tonality.tonic(sharps, -3), "minor"
    time: Counter[int] = Counter()
    for pitch, length in heard:
        time[pitch % 12] += length
    # F# more than F, or Bb more than B, by a fiftieth of the time
    raised, lowered = time[6] - 2 * time[5], time[10] - 2 * time[11]
    denied = max(raised, lowered) * 50 > time.total()
    return tonality.analyse(heard, None if denied and not sharps else sharps)


def _bars(start: Fraction, end: Fraction, whole: Fraction) -> Iterator[Bar]:
    while start < end:
        after = (start // whole + 1) * whole
        yield Bar(start, min(after, end))
        start = after
