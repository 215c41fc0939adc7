"""Draws a tune as a piano roll."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from seqapps.tasks.music.notation.key_signature import signature
from seqapps.tasks.music.notation.melody import expand_repeats
from seqapps.tasks.music.notation.pitch import SEMITONES
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering.drawn_notes import (
    drawn_notes,
    playing_order,
)
from seqapps.tasks.music.rendering.perform import (
    bar_starts,
    crotchets_per_minute,
    timed_notes,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NOTE_COLOUR, _LINE_COLOUR, _TONIC_COLOUR = "#1f5f8b", "#dcdcdc", "#f3efe4"
_BAR_WIDTH, _ROW_HEIGHT, _LEFT = 20, 8, 24  # of the SVG, in its units
_LABEL_HEIGHT = 0.115  # inches, of a label of 8 points
_EMPTY_PITCH = 67  # shown where there is no note


def draw_png(tune: Tune) -> bytes:
    """Draws a tune with the repeats played: time across, pitch upwards.

    The rows of the tonic are tinted.

    Args:
        tune: its body may be any text of canonical tokens.
    """
    out = io.BytesIO()
    _figure(tune).savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _figure(tune: Tune) -> Figure:
    from matplotlib.figure import Figure

    unrolled = expand_repeats(tune)
    starts = bar_starts(unrolled)
    notes = list(timed_notes(unrolled))
    pitches = [note.pitch for note in notes] or [_EMPTY_PITCH]
    low, high = min(pitches), max(pitches)
    width = min(22.0, max(7.0, 2 + len(starts) * 0.36))
    # a semitone is as high as its label, or labels would overlap
    height = max(3.6, 0.8 + _LABEL_HEIGHT * (high - low + 2))
    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    names = _scale_names(tune)
    rows = {p: name for p, name in names.items() if low <= p <= high}
    for pitch, name in rows.items():
        if _is_tonic(name, tune):
            axes.axhspan(
                pitch - 0.5, pitch + 0.5, color=_TONIC_COLOUR, linewidth=0
            )
    axes.vlines(
        [float(start) for start in starts],
        low - 1,
        high + 1,
        color=_LINE_COLOUR,
        linewidth=0.8,
        zorder=1,
    )
    for pitch in sorted(set(pitches)):
        # a small gap between a note and its repetition
        spans = [
            (float(note.start), float(note.length) * 0.93)
            for note in notes
            if note.pitch == pitch
        ]
        axes.broken_barh(
            spans,
            (pitch - 0.45, 0.9),
            color=_NOTE_COLOUR,
            linewidth=0,
            zorder=2,
        )
    axes.set_yticks(list(rows), list(rows.values()), fontsize=8)
    ticks = _bar_labels(Fraction(tune.meter), starts)
    axes.set_xticks([float(x) for _, x in ticks], [str(n) for n, _ in ticks])
    axes.set_xlim(0, float(starts[-1]) or 1)
    axes.set_ylim(low - 1, high + 1)
    axes.set_xlabel("bar, with repeats played out")
    axes.set_title(tune.title.replace("$", r"\$"), loc="left")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def draw_svg(
    tune: Tune,
    classes: Sequence[str] = (),
    labels: Sequence[str] = (),
    changed: frozenset[int] = frozenset(),
) -> str:
    """Draws the same for a page, whose style sheet gives the colours.

    Every token that sounds is a `rect` of class "note": a note that is tied
    to another is two. At t seconds the sound is at x = data-left + t *
    data-pace.

    Args:
        tune: its body may be any text of canonical tokens.
        classes: more CSS classes of each token of the body; may be empty.
        labels: tooltips of each token of the body; may be empty.
        changed: indices of measures that get a `rect` of class "tint".
    """
    unrolled = expand_repeats(tune)
    starts = bar_starts(unrolled)
    tokens, measures = playing_order(tune)
    notes = list(drawn_notes(unrolled, tokens))
    pitches = [note.pitch for note in notes] or [_EMPTY_PITCH]
    low, high = min(pitches) - 1, max(pitches) + 1
    rows = high - low + 1
    whole = Fraction(tune.meter)
    scale = float(_BAR_WIDTH / whole)
    end = float(starts[-1])

    def x_of(time: Fraction | float) -> str:
        return f"{_LEFT + float(time) * scale:.6g}"

    def rect(
        classes: str,
        start: Fraction | float,
        length: float,
        top: int,
        rows: int,
    ) -> str:
        return (
            f'<rect class="{classes}" x="{x_of(start)}" '
            f'y="{(high - top) * _ROW_HEIGHT}" width="{length * scale:.4g}" '
            f'height="{rows * _ROW_HEIGHT}" rx="{1 + (rows == 1)}">'
        )

    name = tune.title or "an untitled tune"
    crotchets = crotchets_per_minute(tune.meter, tune.tempo)
    pace = scale * float(crotchets) / 240
    width, foot = float(x_of(end)) + 8, rows * _ROW_HEIGHT
    parts = [
        f'<svg role="img" aria-label="Piano roll of {escape(name)}" '
        f'viewBox="0 0 {width:g} {foot + 16}" width="{width:g}" '
        f'height="{foot + 16}" data-left="{_LEFT}" '
        f'data-pace="{pace:g}">'
    ]
    for pitch, name in _scale_names(tune).items():
        if low <= pitch <= high:
            if _is_tonic(name, tune):
                parts.append(rect("tonic", 0, end, pitch, 1) + "</rect>")
            y = (high - pitch + 0.85) * _ROW_HEIGHT
            x = _LEFT - 4
            parts.append(f'<text class="name" x="{x}" y="{y:g}">{name}</text>')
    for number, (left, right) in zip(measures, pairwise(starts), strict=True):
        if number in changed:
            tint = rect("tint", left, float(right - left), high, rows)
            parts.append(tint + "</rect>")
    lines = "".join(f"M{x_of(start)} 0v{foot}" for start in starts)
    parts.append(f'<path class="bars" d="{lines}"/>')
    for number, start in _bar_labels(whole, starts):
        parts.append(f'<text x="{x_of(start)}" y="{foot + 12}">{number}</text>')
    for note in notes:
        style = f"note {classes[note.token]}" if classes else "note"
        title = f"<title>{escape(labels[note.token])}</title>" if labels else ""
        shape = rect(style, note.start, note.length, note.pitch, 1)
        parts.append(f"{shape}{title}</rect>")
    parts.append(f'<path class="cursor" d="M0 0v{foot}"/></svg>')
    return "".join(parts)


def _is_tonic(name: str, tune: Tune) -> bool:
    return name.rstrip("-0123456789") == tune.key


def _scale_names(tune: Tune) -> dict[int, str]:
    """Returns the names of the scale's notes by MIDI pitch: 66 is F#4."""
    altered = signature(tune.key, tune.mode)
    return {
        12 * (octave + 1) + semitone + altered.get(letter, 0): (
            letter
            + {1: "#", -1: "b"}.get(altered.get(letter, 0), "")
            + str(octave)
        )
        for octave in range(-1, 10)
        for letter, semitone in SEMITONES.items()
    }


def _bar_labels(
    whole: Fraction, starts: list[Fraction]
) -> list[tuple[int, Fraction]]:
    """Returns numbers of bars and where they begin; of many, every fourth."""
    numbers = list(enumerate(_numbered_bars(whole, starts), 1))
    return numbers[:: 4 if len(numbers) > 12 else 1]


def _numbered_bars(
    whole: Fraction, starts: list[Fraction]
) -> Iterator[Fraction]:
    """Yields where the bars begin that have a number: not pick-ups.

    If a repeat divides a bar, only its first part has a number.
    """
    lengths = [b - a for a, b in zip(starts, starts[1:], strict=False)]
    # a pick-up is the end of a bar whose beginning is silent
    filled = (whole - lengths[0]) % whole if lengths else Fraction(0)
    for start, length in zip(starts, lengths, strict=False):
        if length >= whole:
            filled = Fraction(0)
        if filled == 0:
            yield start
        filled = (filled + length) % whole
