"""The notes of a tune as they sound."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.header import ALTER, signature
from seqapps.tasks.music.notation.measure import height

if TYPE_CHECKING:
    from seqapps.tasks.music.notation.tune import Tune

SEMITONES = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))


def melody(tune: Tune) -> list[tuple[int | None, Fraction]]:
    """The notes as they sound, once through: no repeat is played.

    Args:
        tune: its body may be any text of canonical tokens.

    Returns:
        A MIDI pitch (None for a rest) and a length in whole notes each; tied
        notes are one.
    """
    raised = signature(tune.key, tune.mode)
    in_bar: dict[str, int] = {}
    found: list[tuple[int | None, Fraction]] = []
    tied: tuple[str, int] | None = None  # spelling and alteration
    for token, length in bars.sounding(tune.body.split()):
        if token in bars.BAR_LINES:
            in_bar = {}
        read = bars.note(token)
        if read is None:
            continue
        if read.pitch == "z":
            found.append((None, length))
            tied = None
            continue
        if read.accidental:
            in_bar[read.pitch] = ALTER[read.accidental]
        letter = read.pitch[0].upper()
        alter = in_bar.get(read.pitch, raised.get(letter, 0))
        held = tied and tied[0] == read.pitch
        if held and not read.accidental:
            alter = tied[1]
        steps = height(read.pitch)
        midi = 60 + steps // 7 * 12 + SEMITONES[letter] + alter
        if held and found[-1][0] == midi:
            found[-1] = (midi, found[-1][1] + length)
        else:
            found.append((midi, length))
        tied = (read.pitch, alter) if read.tied else None
    return found


def played(tune: Tune) -> Tune:
    """The tune with its repeats and endings written out.

    A repeat goes back to `|:`, or where there is none to the last double bar
    or repeat.

    Args:
        tune: its body may be any text of canonical tokens.

    Returns:
        A tune with plain bar lines only.
    """
    measures = bars.measures(tune.body)
    order: list[bars.Measure] = []
    start = 0
    opened = measures[:1] and measures[0].opener == "|:"
    for i, measure in enumerate(measures):
        order.append(measure)
        line = measure.closer.partition(" ")[0]
        if line in (":|", "::"):
            for again in measures[start : i + 1]:
                if again.opener.endswith("[1"):
                    break
                order.append(again)
        if line in (":|", "::", "|:") or line == "||" and not opened:
            start, opened = i + 1, line in ("::", "|:")
    texts = (" ".join(token for token, _ in m.timed) for m in order)
    return replace(tune, body=" | ".join(texts))
