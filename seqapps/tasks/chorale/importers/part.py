"""What one part of music21's score says: notes, metre, key signatures."""

from typing import Any

from seqapps.tasks.chorale.notation.chorale import (
    MOST_BAR_STEPS,
    PER_CROTCHET,
    Note,
    bar_steps,
)

_OFF_GRID = 0.02  # sixteenths


def read_notes(part: Any) -> tuple[list[Note], int]:
    """Returns the highest notes, and how many were moved to the grid."""
    heard: list[tuple[int, int, int, bool, bool]] = []
    off_grid = 0
    for each in part.flatten().notes:
        if not each.quarterLength or "ChordSymbol" in each.classes:
            continue
        start = float(each.offset) * PER_CROTCHET
        end = start + float(each.quarterLength) * PER_CROTCHET
        off_grid += any(abs(x - round(x)) > _OFF_GRID for x in (start, end))
        if not each.pitches:  # a drum
            continue
        tied = each.tie is not None and each.tie.type in ("continue", "stop")
        fermata = any("Fermata" in e.classes for e in each.expressions)
        pitch = max(p.midi for p in each.pitches)
        heard.append((round(start), -pitch, round(end), tied, fermata))
    notes: list[Note] = []
    for start, pitch, end, tied, fermata in sorted(heard):
        if end <= start:
            continue
        if notes:
            last = notes[-1]
            if last.start == start:
                continue  # a lower note of a chord
            stop = last.start + last.length
            if tied and last.pitch == -pitch and stop == start:
                notes[-1] = last._replace(
                    length=end - last.start, fermata=last.fermata or fermata
                )
                continue
            if stop > start:
                notes[-1] = last._replace(length=start - last.start)
        notes.append(Note(start, end - start, -pitch, fermata))
    return notes, off_grid


def read_meter(part: Any) -> tuple[str, int, str]:
    """Returns the metre, the sixteenths before the first bar line, another.

    MIDI writes a pick-up as a bar of a metre of its own.
    """
    found = {
        round(float(each.offset) * PER_CROTCHET): each.ratioString
        for each in part.flatten().getElementsByClass("TimeSignature")
    }
    starts = sorted(found)
    meters = [found[start] for start in starts] or ["4/4"]
    if len(meters) > 1:
        first, bar = bar_steps(meters[0]), bar_steps(meters[1])
        if starts[1] == first < bar:
            return meters[1], first, _other(meters[1:])
    return meters[0], _pickup(part, bar_steps(meters[0])), _other(meters)


def _other(meters: list[str]) -> str:
    return next((each for each in meters if each != meters[0]), "")


def _pickup(part: Any, bar: int) -> int:
    """The sixteenths before the first bar line, if it is no whole bar."""
    first = next(iter(part.getElementsByClass("Measure")), None)
    if first is None:
        return 0
    length = round(float(first.duration.quarterLength) * PER_CROTCHET)
    padding = round(float(first.paddingLeft) * PER_CROTCHET)
    length = min(length, bar - padding)
    return length if 0 < length < min(bar, MOST_BAR_STEPS) else 0


def unique(part: Any, kind: str, attribute: str) -> list[Any]:
    """Returns the values of an attribute of all such elements, each once."""
    values = [
        getattr(each, attribute)
        for each in part.flatten().getElementsByClass(kind)
    ]
    return list(dict.fromkeys(values))
