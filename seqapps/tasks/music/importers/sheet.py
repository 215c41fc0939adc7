"""A score in measures, and the melody in it. Times are in eighths."""

from fractions import Fraction
from itertools import pairwise, zip_longest
from typing import NamedTuple

from seqapps.tasks.music.importers import melody_part
from seqapps.tasks.music.importers.draft import (
    MAX_NOTES,
    Bar,
    Draft,
    SpelledNote,
)
from seqapps.tasks.music.importers.skyline import skyline
from seqapps.tasks.music.notation import losses, tonality
from seqapps.tasks.music.notation.key_signature import MAX_FIFTHS, MODES
from seqapps.tasks.music.notation.meter import bar_length, parse_meter
from seqapps.tasks.music.notation.unusable import Unusable


class PartMeasure(NamedTuple):
    """A measure of one part; times count from its bar line.

    Args:
        notes: each with its tie: "start", "stop", "continue" or "".
        bar: the bar lines around it; it ends with the last visible note or
            rest.
    """

    notes: list[tuple[SpelledNote, str]]
    bar: Bar


class Part(NamedTuple):
    """A part, or one staff of several.

    Args:
        name: may be empty.
        measures: one after another.
        keys: sharps (None if it is no key) and mode ("" if not given) of
            every key signature, at concert pitch.
    """

    name: str
    measures: list[PartMeasure]
    keys: list[tuple[int | None, str]]


class Sheet(NamedTuple):
    """The contents of a score.

    Args:
        title: may be empty.
        parts: from the top down.
        meters: such as "6/8", one for every time signature.
        drums: whether there are drums.
        jumps: whether there are D.C., D.S. or codas.
    """

    title: str
    parts: list[Part]
    meters: list[str]
    drums: bool
    jumps: bool


def draft_from_sheet(sheet: Sheet, track: str = "") -> Draft:
    """Extracts the melody: the first part with one note at a time, or the top.

    Args:
        sheet: the contents of a score.
        track: number or name of the part with the melody; empty: by rule.

    Raises:
        Unusable: there is no melody in one metre and one key.
    """
    if len(set(sheet.meters)) > 1:
        raise Unusable("changes key or metre")
    meter = parse_meter(sheet.meters[0]) if sheet.meters else "4/4"
    full_bar = bar_length(meter)
    if not any(measure.notes for p in sheet.parts for measure in p.measures):
        raise Unusable("only drums" if sheet.drums else "no notes")
    starts, bars = _bars([part.measures for part in sheet.parts], full_bar)
    rows = [_join_measures(part.measures, starts) for part in sheet.parts]
    lines = [skyline(row) for row in rows]
    index, choice = melody_part.choose_part(
        "part",
        [part.name for part in sheet.parts],
        track,
        lambda: _melody(rows, lines),
    )
    notes, keys = lines[index], sheet.parts[index].keys
    if not notes:
        raise Unusable("no notes")
    if len(notes) > MAX_NOTES:
        raise Unusable(f"more than {MAX_NOTES} notes")
    has_lost = {
        losses.PARTS: len(sheet.parts) > 1,
        losses.CHORDS: len(notes) < len(rows[index]),
        losses.JUMPS: sheet.jumps,
        losses.NO_METER: not sheet.meters,
        losses.NO_KEY: not keys,
    }
    return Draft(
        sheet.title,
        *_key(keys, [(n.pitch, n.end - n.start) for n in notes]),
        meter,
        notes,
        _trim_silence(bars, notes, full_bar),
        {loss: 0 for loss, is_so in has_lost.items() if is_so},
        choice,
    )


def _melody(
    rows: list[list[SpelledNote]], lines: list[list[SpelledNote]]
) -> int:
    """Returns the index of the part that looks most like the melody.

    From the parts with at least half as many notes as the fullest, it is the
    first that has nearly always one note at a time, or else the first.

    Args:
        rows: all notes of each part.
        lines: the top line of each part.
    """
    longest = max(map(len, lines))
    full = [i for i, line in enumerate(lines) if 2 * len(line) >= longest]
    single = [i for i in full if 10 * len(lines[i]) >= 9 * len(rows[i])]
    return (single or full)[0]


def _key(
    keys: list[tuple[int | None, str]], notes: list[tuple[int, Fraction]]
) -> tuple[str, str]:
    """Returns tonic and mode; what is not given is estimated."""
    if not keys:
        return tonality.estimate_key(notes)
    sharps, mode = keys[0]
    if any(other != sharps for other, _ in keys):
        raise Unusable("changes key or metre")
    if sharps is None or abs(sharps) > MAX_FIFTHS:
        raise Unusable("unusual key")
    if mode[:3] not in MODES:
        return tonality.estimate_key(notes, sharps)
    name, shift = MODES[mode[:3]]
    return tonality.tonic_of(sharps, shift), name


def _trim_silence(
    bars: list[Bar], notes: list[SpelledNote], full_bar: Fraction
) -> list[Bar]:
    """Returns the bars without silent bars at the two ends."""
    first, end = notes[0].start, notes[-1].end
    while bars[0].plain and bars[0].end <= first:
        bars = bars[1:]
    while bars[-1].plain and bars[-1].start >= end:
        bars = bars[:-1]
    if not bars[0].opens and 2 * (first - bars[0].start) >= full_bar:
        bars = [bars[0]._replace(start=first), *bars[1:]]  # a pick-up
    return bars


def _bars(
    parts: list[list[PartMeasure]], full_bar: Fraction
) -> tuple[list[Fraction], list[Bar]]:
    """Lays out the measures that all parts share.

    A short measure is meant to be short only at repeats, endings, double bars
    and the two ends. Elsewhere rests are missing, or a bar was cut in two.

    Returns:
        When each measure starts, and the bars.
    """
    columns = zip_longest(*([m.bar for m in part] for part in parts))
    shared = [_union([bar for bar in column if bar]) for column in columns]
    edges = [True]  # before each measure: whether it may be short
    for bar, following in pairwise(shared):
        edge = bar.closes or bar.double or following.opens or following.ending
        edges.append(bool(edge))
    edges.append(True)
    starts: list[Fraction] = []
    bars: list[Bar] = []
    time, half = Fraction(0), False  # half: the bar was cut in two before
    for i, bar in enumerate(shared):
        length = bar.end
        starts.append(time)
        if half:
            bars[-1] = bar._replace(start=bars[-1].start, end=time + length)
            time, half = time + length, False
            continue
        may_be_short = edges[i] or edges[i + 1]
        if 0 < length < full_bar and not may_be_short:
            half = length + shared[i + 1].end == full_bar
        if length < full_bar and not half and not (may_be_short and length):
            length = full_bar
        bars.append(bar._replace(start=time, end=time + length))
        time += length
    return starts, bars


def _union(bars: list[Bar]) -> Bar:
    """Joins the bar lines of all parts: often only the top part has all."""
    return Bar(
        Fraction(0),
        max(bar.end for bar in bars),
        opens=any(bar.opens for bar in bars),
        closes=any(bar.closes for bar in bars),
        double=any(bar.double for bar in bars),
        ending=max(bar.ending for bar in bars),
    )


def _join_measures(
    measures: list[PartMeasure], starts: list[Fraction]
) -> list[SpelledNote]:
    """Returns the notes of a part in a row; tied notes are joined."""
    row: list[SpelledNote] = []
    tied: dict[tuple[int, int], int] = {}  # index in the row, by pitch
    for measure, time in zip(measures, starts, strict=False):
        for note, tie in measure.notes:
            start, end = note.start + time, note.end + time
            pitch = (note.step, note.alter)
            i = tied.pop(pitch, None)
            if tie not in ("stop", "continue"):
                i = None
            if i is not None and row[i].end == start:
                row[i] = row[i]._replace(end=end)
            else:
                i = len(row)
                row.append(note._replace(start=start, end=end))
            if tie in ("start", "continue"):
                tied[pitch] = i
    return row
