"""A score in measures, and the melody of it. All times are in eighths."""

from fractions import Fraction
from itertools import pairwise, zip_longest
from typing import NamedTuple

from seqapps.tasks.music.importers import melody_part
from seqapps.tasks.music.importers.draft import (
    NO_KEY,
    NO_METRE,
    PARTS,
    TOGETHER,
    Bar,
    Draft,
    Note,
)
from seqapps.tasks.music.importers.skyline import skyline
from seqapps.tasks.music.notation import tonality
from seqapps.tasks.music.notation.header import MODES, Unusable, read_meter

JUMPS = "D.C., D.S. and codas were left out"
_MOST = 5000  # notes of the melody


class Measure(NamedTuple):
    """A measure of one part; 0 is its bar line.

    Args:
        notes: all of them, each with its tie: "start", "stop", "continue", "".
        bar: the bar lines around it; it ends with what is to be seen in it.
    """

    notes: list[tuple[Note, str]]
    bar: Bar


class Part(NamedTuple):
    """A part, or one staff of several.

    Args:
        name: may be empty.
        measures: one after another.
        keys: sharps (None for what is no key) and mode ("" where it is not
            given) of every signature, as it sounds.
    """

    name: str
    measures: list[Measure]
    keys: list[tuple[int | None, str]]


class Sheet(NamedTuple):
    """What a score says.

    Args:
        title: may be empty.
        parts: from the top down.
        meters: such as "6/8", one for every time signature.
        drums: whether there are any.
        jumps: whether there are D.C., D.S. or codas.
    """

    title: str
    parts: list[Part]
    meters: list[str]
    drums: bool
    jumps: bool


def draft(sheet: Sheet, track: str = "") -> Draft:
    """Take the melody: a part that is nothing else, or the top one.

    Args:
        sheet: what the score says.
        track: number or name of the part that is the melody; empty: by rule.

    Raises:
        Unusable: if there is no melody in one metre and one key.
    """
    if len(set(sheet.meters)) > 1:
        raise Unusable("changes key or metre")
    meter = read_meter(sheet.meters[0]) if sheet.meters else "4/4"
    whole = Fraction(meter) * 8
    if not any(measure.notes for p in sheet.parts for measure in p.measures):
        raise Unusable("only drums" if sheet.drums else "no notes")
    starts, bars = _bars([part.measures for part in sheet.parts], whole)
    rows = [_in_a_row(part.measures, starts) for part in sheet.parts]
    lines = [skyline(row) for row in rows]
    chosen, said = melody_part.choose(
        "part",
        [part.name for part in sheet.parts],
        track,
        lambda: _melody(rows, lines),
    )
    notes, keys = lines[chosen], sheet.parts[chosen].keys
    if not notes:
        raise Unusable("no notes")
    if len(notes) > _MOST:
        raise Unusable(f"more than {_MOST} notes")
    lost = {
        PARTS: len(sheet.parts) > 1,
        TOGETHER: len(notes) < len(rows[chosen]),
        JUMPS: sheet.jumps,
        NO_METRE: not sheet.meters,
        NO_KEY: not keys,
    }
    heard = [(n.pitch, n.end - n.start) for n in notes]
    return Draft(
        sheet.title,
        *_key(keys, heard),
        meter,
        notes,
        _sounding(bars, notes, whole),
        {loss: 0 for loss, is_so in lost.items() if is_so},
        said,
    )


def _melody(rows: list[list[Note]], lines: list[list[Note]]) -> int:
    """Which part is the melody, by all its notes and by its top line.

    The first that has nearly one note at a time, or else the first, of those
    with at least half as many notes as the fullest.
    """
    longest = max(map(len, lines))
    full = [i for i, line in enumerate(lines) if 2 * len(line) >= longest]
    single = [i for i in full if 10 * len(lines[i]) >= 9 * len(rows[i])]
    return (single or full)[0]


def _key(
    signatures: list[tuple[int | None, str]], heard: list[tuple[int, Fraction]]
) -> tuple[str, str]:
    """Tonic and mode; by analysis what is not given."""
    if not signatures:
        return tonality.analyse(heard)
    sharps, mode = signatures[0]
    if any(other != sharps for other, _ in signatures):
        raise Unusable("changes key or metre")
    if sharps is None or abs(sharps) > 7:
        raise Unusable("unusual key")
    if mode[:3] not in MODES:
        return tonality.analyse(heard, sharps)
    name, shift = MODES[mode[:3]]
    return tonality.tonic(sharps, shift), name


def _sounding(bars: list[Bar], notes: list[Note], whole: Fraction) -> list[Bar]:
    """The bars without silence at the two ends."""
    first, end = notes[0].start, notes[-1].end
    while bars[0].plain and bars[0].end <= first:
        bars = bars[1:]
    while bars[-1].plain and bars[-1].start >= end:
        bars = bars[:-1]
    if not bars[0].opens and 2 * (first - bars[0].start) >= whole:
        bars = [bars[0]._replace(start=first), *bars[1:]]  # a pick-up
    return bars


def _bars(
    parts: list[list[Measure]], whole: Fraction
) -> tuple[list[Fraction], list[Bar]]:
    """Lay out the measures that all parts share.

    Only at repeats, endings, double bars and the two ends is a short measure
    meant to be short. Elsewhere rests were left unsaid, or it is one bar that
    was cut in two.

    Returns:
        When each measure starts, and the bars.
    """
    columns = zip_longest(*([m.bar for m in part] for part in parts))
    marks = [_union([bar for bar in column if bar]) for column in columns]
    edges = [True]  # before each measure
    for bar, following in pairwise(marks):
        edge = bar.closes or bar.double or following.opens or following.ending
        edges.append(bool(edge))
    edges.append(True)
    starts: list[Fraction] = []
    bars: list[Bar] = []
    time, torn = Fraction(0), False
    for i, bar in enumerate(marks):
        length = bar.end
        starts.append(time)
        if torn:
            bars[-1] = bar._replace(start=bars[-1].start, end=time + length)
            time, torn = time + length, False
            continue
        free = edges[i] or edges[i + 1]
        if 0 < length < whole and not free:
            torn = length + marks[i + 1].end == whole
        if length < whole and not torn and not (free and length):
            length = whole
        bars.append(bar._replace(start=time, end=time + length))
        time += length
    return starts, bars


def _union(bars: list[Bar]) -> Bar:
    """Endings and repeats are often written in the top part alone."""
    return Bar(
        Fraction(0),
        max(bar.end for bar in bars),
        opens=any(bar.opens for bar in bars),
        closes=any(bar.closes for bar in bars),
        double=any(bar.double for bar in bars),
        ending=max(bar.ending for bar in bars),
    )


def _in_a_row(measures: list[Measure], starts: list[Fraction]) -> list[Note]:
    """The notes of a part with their times; tied ones are one."""
    row: list[Note] = []
    held: dict[tuple[int, int], int] = {}  # places in the row, by pitch
    for measure, time in zip(measures, starts, strict=False):
        for note, tie in measure.notes:
            start, end = note.start + time, note.end + time
            pitch = (note.step, note.alter)
            place = held.pop(pitch, None)
            goes_on = tie in ("stop", "continue") and place is not None
            if goes_on and row[place].end == start:
                row[place] = row[place]._replace(end=end)
            else:
                place = len(row)
                row.append(note._replace(start=start, end=end))
            if tie in ("start", "continue"):
                held[pitch] = place
    return row
