"""Draws a chorale as a piano roll, a colour for each voice."""

import io
from html import escape

from seqapps.tasks.chorale.notation.chorale import (
    PER_CROTCHET,
    VOICES,
    Chorale,
    note_name,
)

COLOURS = ("#b3384f", "#c98a1b", "#2f8f6b", "#2f5f96")  # the soprano first
_STEP, _ROW, _LEFT = 4, 6, 30  # of the SVG, in its units
_BLACK = {1, 3, 6, 8, 10}


def draw_png(chorale: Chorale) -> bytes:
    """Draws a chorale: time across, pitch upwards."""
    from matplotlib.figure import Figure

    low, high = _compass(chorale)
    bars = _bars(chorale)
    width = min(24.0, max(7.0, chorale.steps * 0.06))
    figure = Figure(figsize=(width, 5.2), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    for number, start in bars:
        axes.axvline(start, color="#dcdcdc", linewidth=0.8, zorder=1)
        axes.text(start, high + 0.7, str(number), fontsize=7)
    for voice, (name, colour) in enumerate(zip(VOICES, COLOURS, strict=True)):
        notes = [n for n in chorale.notes(voice) if n.pitch is not None]
        for i, note in enumerate(notes):
            axes.broken_barh(
                [(note.start, note.length - 0.25)],
                (note.pitch - 0.45, 0.9),
                color=colour,
                linewidth=0,
                zorder=2,
                label=name if i == 0 else None,
            )
    ticks = [p for p in range(low, high + 1) if p % 12 in (0, 7)]
    axes.set_yticks(ticks, [note_name(p) for p in ticks], fontsize=8)
    axes.set_xticks([])
    axes.set_xlim(0, chorale.steps)
    axes.set_ylim(low - 1, high + 2)
    axes.set_title(chorale.title.replace("$", r"\$"), loc="left")
    axes.legend(loc="lower right", fontsize=8, ncols=4, frameon=False)
    axes.spines[:].set_visible(False)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def draw_svg(chorale: Chorale, tempo: int) -> str:
    """Draws the same for a page, whose style sheet gives the colours.

    Every note is a `rect` of class "v0" to "v3". At t seconds the sound is at
    x = data-left + t * data-pace.

    Args:
        chorale: complete.
        tempo: crotchets a minute.
    """
    low, high = _compass(chorale)
    rows = high - low + 1
    width, foot = _LEFT + chorale.steps * _STEP + 6, rows * _ROW
    pace = _STEP * PER_CROTCHET * tempo / 60
    name = escape(chorale.title or "a chorale")
    parts = [
        f'<svg role="img" aria-label="Piano roll of {name}" '
        f'viewBox="0 0 {width} {foot + 12}" width="{width}" '
        f'height="{foot + 12}" data-left="{_LEFT}" data-pace="{pace:g}">'
    ]
    for pitch in range(low, high + 1):
        y = (high - pitch) * _ROW
        if pitch % 12 in _BLACK:
            parts.append(
                f'<rect class="black" x="{_LEFT}" y="{y}" '
                f'width="{chorale.steps * _STEP}" height="{_ROW}"/>'
            )
        if pitch % 12 in (0, 7):
            parts.append(
                f'<text class="name" x="{_LEFT - 3}" y="{y + _ROW}">'
                f"{note_name(pitch)}</text>"
            )
    for number, start in _bars(chorale):
        x = _LEFT + start * _STEP
        parts.append(f'<path class="bars" d="M{x} 0v{foot}"/>')
        parts.append(f'<text x="{x}" y="{foot + 9}">{number}</text>')
    for voice in range(len(VOICES)):
        for note in chorale.notes(voice):
            if note.pitch is not None:
                parts.append(
                    f'<rect class="note v{voice}" '
                    f'x="{_LEFT + note.start * _STEP}" '
                    f'y="{(high - note.pitch) * _ROW}" '
                    f'width="{note.length * _STEP - 0.8:g}" '
                    f'height="{_ROW}" rx="1">'
                    f"<title>{VOICES[voice]} {note_name(note.pitch)}</title>"
                    "</rect>"
                )
    parts.append(f'<path class="cursor" d="M0 0v{foot}"/></svg>')
    return "".join(parts)


def _compass(chorale: Chorale) -> tuple[int, int]:
    pitches = [
        note.pitch
        for voice in range(len(VOICES))
        for note in chorale.notes(voice)
        if note.pitch is not None
    ] or [60]
    return min(pitches) - 1, max(pitches) + 1


def _bars(chorale: Chorale) -> list[tuple[int, int]]:
    """The numbers of bars, and where they begin."""
    starts = range(chorale.pickup, chorale.steps, chorale.bar)
    return list(enumerate(starts, 1))
