"""A tune as a piano roll."""

import io
from collections.abc import Iterator
from fractions import Fraction

from seqapps.tasks.music.abc import Tune
from seqapps.tasks.music.header import signature
from seqapps.tasks.music.melody import SEMITONES, played
from seqapps.tasks.music.perform import bar_starts, timed

_NOTE, _LINE, _TONIC = "#1f5f8b", "#dcdcdc", "#f3efe4"


def png(tune: Tune) -> bytes:
    """Draw a tune as it is played: bars across, notes of the scale upwards.

    The rows of the tonic are tinted.

    Args:
        tune: its body may be any text of canonical tokens.
    """
    from matplotlib.figure import Figure

    play = played(tune)
    starts = bar_starts(play)
    notes = list(timed(play))
    pitches = [pitch for pitch, _, _ in notes] or [67]
    low, high = min(pitches), max(pitches)
    width = min(22.0, max(7.0, 2 + len(starts) * 0.36))
    figure = Figure(figsize=(width, 3.6), dpi=120, layout="constrained")
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
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


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
