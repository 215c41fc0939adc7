"""The notes of a tune as they sound."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.key_signature import signature
from seqapps.tasks.music.notation.pitch import (
    ALTERATIONS,
    diatonic_step,
    midi_pitch,
)

if TYPE_CHECKING:
    from seqapps.tasks.music.notation.tune import Tune


def melody(tune: Tune) -> list[tuple[int | None, Fraction]]:
    """Returns the notes as they sound, once through, without repeats.

    Args:
        tune: its body may be any text of canonical tokens.

    Returns:
        For each note a MIDI pitch (None for a rest) and a length in whole
        notes; tied notes are joined.
    """
    altered = signature(tune.key, tune.mode)
    in_bar: dict[str, int] = {}  # alterations since the bar line, by pitch
    notes: list[tuple[int | None, Fraction]] = []
    tied: tuple[str, int] | None = None  # spelling and alteration
    for token, length in bars.token_durations(tune.body.split()):
        if token in bars.BAR_LINES:
            in_bar = {}
        note = bars.parse_note(token)
        if note is None:
            continue
        if note.pitch == "z":
            notes.append((None, length))
            tied = None
            continue
        if note.accidental:
            in_bar[note.pitch] = ALTERATIONS[note.accidental]
        letter = note.pitch[0].upper()
        alteration = in_bar.get(note.pitch, altered.get(letter, 0))
        continues = tied is not None and tied[0] == note.pitch
        if tied and continues and not note.accidental:
            alteration = tied[1]
        pitch = midi_pitch(diatonic_step(note.pitch), alteration)
        if continues and notes[-1][0] == pitch:
            notes[-1] = (pitch, notes[-1][1] + length)
        else:
            notes.append((pitch, length))
        tied = (note.pitch, alteration) if note.tied else None
    return notes


def expand_repeats(tune: Tune) -> Tune:
    """Returns the tune with its repeats and endings written out.

    A repeat goes back to `|:`, or without one to the last double bar or
    repeat.

    Args:
        tune: its body may be any text of canonical tokens.

    Returns:
        A tune with plain bar lines only.
    """
    measures = bars.split_measures(tune.body)
    order: list[bars.AbcMeasure] = []
    start = 0
    opened = bool(measures) and measures[0].opener == "|:"
    for i, measure in enumerate(measures):
        order.append(measure)
        line = measure.closer.partition(" ")[0]
        if line in (":|", "::"):
            for repeated in measures[start : i + 1]:
                if repeated.opener.endswith("[1"):
                    break
                order.append(repeated)
        if line in (":|", "::", "|:") or line == "||" and not opened:
            start, opened = i + 1, line in ("::", "|:")
    texts = (" ".join(token for token, _ in m.timed) for m in order)
    return replace(tune, body=" | ".join(texts))
