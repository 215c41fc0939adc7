"""Reads melodies and chorales of MusicXML, ABC, MIDI and what music21 reads."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, NamedTuple

from seqapps import extras
from seqapps.errors import InputError
from seqapps.tasks.chorale.notation.chorale import (
    MOST_BAR_STEPS,
    PER_CROTCHET,
    VOICES,
    Chorale,
    Note,
    bar_steps,
    format_voice,
)
from seqapps.tasks.chorale.notation.spelling import estimate_sharps, mode_of

ENDINGS = (".abc", ".mid", ".midi", ".musicxml", ".mxl", ".xml", ".krn")
_MOST_STEPS = 8000
_OFF_GRID = 0.02  # sixteenths
_INITIALS = "SATB"


class Reading(NamedTuple):
    """What was read of a file.

    Args:
        chorale: with one voice or with four.
        notes: what was changed on the way, for the user.
    """

    chorale: Chorale
    notes: list[str]


def parse_file(path: Path) -> Any:
    """Returns music21's score of a file.

    Raises:
        InputError: there is no such file, or music21 cannot read it.
    """
    extras.require("chorale", "music21")
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    kind = path.suffix.lower()
    if kind not in ENDINGS:
        raise InputError(
            f"{path} is none of {', '.join(ENDINGS)}: export the melody as one"
        )
    import music21

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if kind == ".abc":
                # accidentals hold through a bar in this version alone
                text = "%abc-2.1\n" + path.read_text("utf-8")
                score = music21.converter.parse(text, format="abc")
            elif kind in (".mid", ".midi"):
                score = music21.converter.parseData(
                    path.read_bytes(), format="midi"
                )
            else:
                score = music21.converter.parse(path, forceSource=True)
        except Exception as error:  # whatever its many parsers raise
            line = (str(error).strip().splitlines() or [""])[0]
            raise InputError(
                f"cannot read {path}: {line or type(error).__name__}"
            ) from None
    if isinstance(score, music21.stream.Opus):
        score = score.scores[0]
    return score


def read_melody(path: Path, part: str = "") -> Reading:
    """Reads the melody of a file as a soprano.

    Args:
        path: of the file.
        part: number or name of the part; empty for the highest one.

    Raises:
        InputError: the file cannot be read, or there is no such part.
    """
    score = parse_file(path)
    parts = list(getattr(score, "parts", [])) or [score]
    chosen = _choose(path, parts, part)
    return to_chorale(score, [chosen], str(path))


def read_chorale(path: Path) -> Reading:
    """Reads a chorale of four parts.

    Raises:
        InputError: the file cannot be read, or has not four parts.
    """
    score = parse_file(path)
    parts = four_parts(score)
    if parts is None:
        raise InputError(f"{path} has no four parts, one a voice")
    return to_chorale(score, parts, str(path))


def four_parts(score: Any) -> list[Any] | None:
    """Returns the parts of soprano, alto, tenor and bass; None without."""
    parts = list(getattr(score, "parts", []))
    if len(parts) == len(VOICES):
        return parts
    by_name = {}
    for part in parts:
        words = str(part.partName or "").strip(".").upper().split()
        for initial, voice in zip(_INITIALS, VOICES, strict=True):
            if words and words[0].rstrip(".") in (initial, voice.upper()):
                by_name.setdefault(initial, part)
    if len(by_name) < len(VOICES):
        return None
    return [by_name[initial] for initial in _INITIALS]


def to_chorale(score: Any, parts: list[Any], name: str) -> Reading:
    """Returns a chorale of one part or of four.

    Args:
        score: music21's, with title, metre and key.
        parts: of it: the soprano, or all four voices.
        name: of the file, for errors.

    Raises:
        InputError: there is no note, or too many.
    """
    said: list[str] = []
    meters = _unique(parts[0], "TimeSignature", "ratioString")
    meter = meters[0] if meters else "4/4"
    bar = bar_steps(meter)
    if len(meters) > 1:
        said.append(
            f"it changes from {meter} to {meters[1]}: barred in {meter}"
        )
    rows = [_notes(part) for part in parts]
    off_grid = sum(row[1] for row in rows)
    if off_grid:
        said.append(f"{off_grid} notes are not of sixteenths: moved to them")
    ends = [notes[-1].start + notes[-1].length for notes, _ in rows if notes]
    if len(ends) < len(rows):
        raise InputError(f"{name} has a voice without a note")
    steps = max(ends)
    if steps > _MOST_STEPS:
        raise InputError(f"{name} is too long: {steps} sixteenths")
    pitches = [
        (n.pitch, float(n.length))
        for notes, _ in rows
        for n in notes
        if n.pitch is not None
    ]
    signatures = _unique(parts[0], "KeySignature", "sharps")
    sharps = estimate_sharps(pitches, signatures[0] if signatures else 0)
    last = next(n for n in reversed(rows[-1][0]) if n.pitch is not None)
    texts = [format_voice(notes, steps) for notes, _ in rows]
    metadata = getattr(score, "metadata", None)
    return Reading(
        Chorale(
            voices=tuple((texts + [""] * 3)[: len(VOICES)]),
            meter=meter,
            pickup=_pickup(parts[0], bar),
            sharps=sharps,
            mode=mode_of(last.pitch, sharps),
            title=(metadata and metadata.title) or "",
        ),
        said,
    )


def _choose(path: Path, parts: list[Any], part: str) -> Any:
    names = [str(each.partName or "") for each in parts]
    if part.isdigit() and 1 <= int(part) <= len(parts):
        return parts[int(part) - 1]
    found = [
        each
        for each, name in zip(parts, names, strict=True)
        if part.lower() in name.lower()
    ]
    if part and len(found) == 1:
        return found[0]
    if part:
        listed = ", ".join(
            f"{i} {name}".strip() for i, name in enumerate(names, 1)
        )
        raise InputError(f"{path} has no part {part}; it has: {listed}")

    def height(each: Any) -> float:
        pitches = [n.pitch for n in _notes(each)[0] if n.pitch is not None]
        return sum(pitches) / len(pitches) if pitches else -1.0

    return max(parts, key=height)


def _notes(part: Any) -> tuple[list[Note], int]:
    """The highest notes of a part, and how many were moved to the grid."""
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


def _pickup(part: Any, bar: int) -> int:
    """The sixteenths before the first bar line, if it is no whole bar."""
    first = next(iter(part.getElementsByClass("Measure")), None)
    if first is None:
        return 0
    length = round(float(first.duration.quarterLength) * PER_CROTCHET)
    padding = round(float(first.paddingLeft) * PER_CROTCHET)
    length = min(length, bar - padding)
    return length if 0 < length < min(bar, MOST_BAR_STEPS) else 0


def _unique(part: Any, kind: str, attribute: str) -> list[Any]:
    """The values of an attribute of all such elements, each once."""
    values = [
        getattr(each, attribute)
        for each in part.flatten().getElementsByClass(kind)
    ]
    return list(dict.fromkeys(values))
