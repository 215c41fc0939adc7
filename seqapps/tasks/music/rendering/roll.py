"""A tune as a piano roll."""

import io
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from html import escape
from itertools import pairwise

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.header import signature
from seqapps.tasks.music.notation.melody import SEMITONES, played
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering.perform import bar_starts, tempo, timed

_NOTE, _LINE, _TONIC = "#1f5f8b", "#dcdcdc", "#f3efe4"
_BAR, _ROW, _LEFT = 20, 8, 24  # of the SVG, in its units
_LABEL = 0.115  # inches that a label of 8 points takes upwards


def png(tune: Tune) -> bytes:
    """Draw a tune as it is played: bars across, notes of the scale upwards.

    The rows of the tonic are tinted.

    Args:
        tune: its body may be any text of canonical tokens.
    """
    out = io.BytesIO()
    _figure(tune).savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _figure(tune: Tune):
    from matplotlib.figure import Figure

    play = played(tune)
    starts = bar_starts(play)
    notes = list(timed(play))
    pitches = [pitch for pitch, _, _ in notes] or [67]
    low, high = min(pitches), max(pitches)
    width = min(22.0, max(7.0, 2 + len(starts) * 0.36))
    # a semitone is as high as its label, or labels would overlap
    height = max(3.6, 0.8 + _LABEL * (high - low + 2))
    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    rows = {p: name for p, name in _names(tune).items() if low <= p <= high}
    for pitch, name in rows.items():
        if name.rstrip("-0123456789") == tune.key:
            axes.axhspan(pitch - 0.5, pitch + 0.5, color=_TONIC, linewidth=0)
    axes.vlines(
        [float(place) for place in starts],
        low - 1,
        high + 1,
        color=_LINE,
        linewidth=0.8,
        zorder=1,
    )
    for pitch in sorted(set(pitches)):
        # a sliver of light between a note and its repetition
        spans = [
            (float(start), float(length) * 0.93)
            for p, start, length in notes
            if p == pitch
        ]
        axes.broken_barh(
            spans, (pitch - 0.45, 0.9), color=_NOTE, linewidth=0, zorder=2
        )
    axes.set_yticks(list(rows), list(rows.values()), fontsize=8)
    numbers = list(enumerate(_numbered(Fraction(tune.meter), starts), 1))
    some = numbers[:: 4 if len(numbers) > 12 else 1]
    axes.set_xticks([float(p) for _, p in some], [str(n) for n, _ in some])
    axes.set_xlim(0, float(starts[-1]) or 1)
    axes.set_ylim(low - 1, high + 1)
    axes.set_xlabel("bar, with repeats played out")
    axes.set_title(tune.title.replace("$", r"\$"), loc="left")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def svg(
    tune: Tune,
    classes: Sequence[str] = (),
    labels: Sequence[str] = (),
    changed: frozenset[int] = frozenset(),
) -> str:
    """Draw the same for a page, whose style sheet gives the colours.

    Every token that sounds is a `rect` of class "note", so that tied notes are
    several. At t seconds the sound is at x = data-left + t * data-pace.

    Args:
        tune: its body may be any text of canonical tokens.
        classes: more CSS classes for each token of the body, or nothing.
        labels: what a pointer over each token shows, or nothing.
        changed: numbers of measures that get a `rect` of class "tint".
    """
    play = played(tune)
    starts = bar_starts(play)
    places, measures = _order(tune)
    sounds = list(_sounds(play, places))
    pitches = [pitch for _, pitch, _, _ in sounds] or [67]
    low, high = min(pitches) - 1, max(pitches) + 1
    rows = high - low + 1
    whole = Fraction(tune.meter)
    scale = float(_BAR / whole)
    end = float(starts[-1])

    def across(place: Fraction | float) -> str:
        return f"{_LEFT + float(place) * scale:.6g}"

    def box(
        kind: str, start: Fraction | float, length: float, top: int, rows: int
    ) -> str:
        return (
            f'<rect class="{kind}" x="{across(start)}" '
            f'y="{(high - top) * _ROW}" width="{length * scale:.4g}" '
            f'height="{rows * _ROW}" rx="{1 + (rows == 1)}">'
        )

    name = tune.title or "an untitled tune"
    pace = scale * float(tempo(tune.meter, tune.tempo)) / 240
    width, foot = float(across(end)) + 8, rows * _ROW
    parts = [
        f'<svg role="img" aria-label="Piano roll of {escape(name)}" '
        f'viewBox="0 0 {width:g} {foot + 16}" width="{width:g}" '
        f'height="{foot + 16}" data-left="{_LEFT}" '
        f'data-pace="{pace:g}">'
    ]
    for pitch, name in _names(tune).items():
        if low <= pitch <= high:
            if name.rstrip("-0123456789") == tune.key:
                parts.append(box("tonic", 0, end, pitch, 1) + "</rect>")
            y = (high - pitch + 0.85) * _ROW
            x = _LEFT - 4
            parts.append(f'<text class="name" x="{x}" y="{y:g}">{name}</text>')
    for number, (left, right) in zip(measures, pairwise(starts), strict=True):
        if number in changed:
            tint = box("tint", left, float(right - left), high, rows)
            parts.append(tint + "</rect>")
    lines = "".join(f"M{across(start)} 0v{foot}" for start in starts)
    parts.append(f'<path class="bars" d="{lines}"/>')
    numbers = list(enumerate(_numbered(whole, starts), 1))
    for number, start in numbers[:: 4 if len(numbers) > 12 else 1]:
        x = across(start)
        parts.append(f'<text x="{x}" y="{foot + 12}">{number}</text>')
    for place, pitch, start, length in sounds:
        kind = f"note {classes[place]}" if classes else "note"
        title = f"<title>{escape(labels[place])}</title>" if labels else ""
        note = box(kind, start, length, pitch, 1)
        parts.append(f"{note}{title}</rect>")
    parts.append(f'<path class="cursor" d="M0 0v{foot}"/></svg>')
    return "".join(parts)


def _order(tune: Tune) -> tuple[list[str], list[int]]:
    """What is played when.

    Returns:
        For each token of the played body its place in the body as written (a
        bar line stays one), and for each measure its number there.
    """
    lines = bars.BAR_LINES | bars.ENDINGS
    tokens = enumerate(tune.body.split())
    written = " ".join(t if t in lines else str(i) for i, t in tokens)
    owner = {
        place: number
        for number, measure in enumerate(bars.measures(written))
        for place, _ in measure.timed
    }
    order = played(replace(tune, body=written)).body
    firsts = (measure.timed[0][0] for measure in bars.measures(order))
    return order.split(), [owner[place] for place in firsts]


def _sounds(
    play: Tune, places: Sequence[str]
) -> Iterator[tuple[int, int, Fraction, float]]:
    """Every token that sounds: its place, MIDI pitch, start and length."""
    notes = list(timed(play))
    begins = [start for _, start, _ in notes]
    start = Fraction(0)
    tokens = bars.sounding(play.body.split())
    for place, (token, length) in zip(places, tokens, strict=True):
        read = bars.note(token)
        if read and read.pitch != "z" and length:
            pitch, begin, held = notes[bisect(begins, start) - 1]
            shown = float(length)
            if start + length == begin + held:
                # a sliver of light between a note and its repetition
                shown -= min(0.07 * float(held), shown / 2)
            yield int(place), pitch, start, shown
        start += length


def _names(tune: Tune) -> dict[int, str]:
    """The notes of the scale by MIDI pitch: 66 is F#4."""
    altered = signature(tune.key, tune.mode)
    return {
        12 * (octave + 1) + semitone + altered.get(letter, 0): (
            letter
            + {1: "#", -1: "b"}.get(altered.get(letter), "")
            + str(octave)
        )
        for octave in range(-1, 10)
        for letter, semitone in SEMITONES.items()
    }


def _numbered(whole: Fraction, starts: list[Fraction]) -> Iterator[Fraction]:
    """Where bars begin that have a number: not pick-ups.

    Of a bar that a repeat cuts in two only the first part has one.
    """
    lengths = [b - a for a, b in zip(starts, starts[1:], strict=False)]
    # a pick-up is the end of a bar that nobody hears
    filled = (whole - lengths[0]) % whole if lengths else Fraction(0)
    for start, length in zip(starts, lengths, strict=False):
        if length >= whole:
            filled = Fraction(0)
        if filled == 0:
            yield start
        filled = (filled + length) % whole
