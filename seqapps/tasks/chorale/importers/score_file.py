"""Reads melodies and chorales of MusicXML, ABC, MIDI and what music21 reads."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, NamedTuple

from seqapps import extras
from seqapps.errors import InputError
from seqapps.tasks.chorale.importers.part import (
    read_meter,
    read_notes,
    unique,
)
from seqapps.tasks.chorale.notation.chorale import (
    VOICES,
    Chorale,
    format_voice,
)
from seqapps.tasks.chorale.notation.spelling import estimate_sharps, mode_of

ENDINGS = (".abc", ".mid", ".midi", ".musicxml", ".mxl", ".xml", ".krn")
_MOST_STEPS = 8000
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
    meter, pickup, other = read_meter(parts[0])
    if other:
        said.append(f"it changes from {meter} to {other}: barred in {meter}")
    rows = [read_notes(part) for part in parts]
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
    signatures = unique(parts[0], "KeySignature", "sharps")
    sharps = estimate_sharps(pitches, signatures[0] if signatures else 0)
    last = next(n for n in reversed(rows[-1][0]) if n.pitch is not None)
    texts = [format_voice(notes, steps) for notes, _ in rows]
    metadata = getattr(score, "metadata", None)
    return Reading(
        Chorale(
            voices=tuple((texts + [""] * 3)[: len(VOICES)]),
            meter=meter,
            pickup=pickup,
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
        pitches = [n.pitch for n in read_notes(each)[0] if n.pitch is not None]
        return sum(pitches) / len(pitches) if pitches else -1.0

    return max(parts, key=height)
