"""What near-identical tunes share: their contours."""

from seqapps.likeness import Contour
from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.pitch import diatonic_step


def contour(body: str) -> Contour:
    """Returns the steps on the staff from each note to the next.

    They are the same in every key and mode, and for halved or doubled lengths.

    Args:
        body: canonical tokens. Rests are ignored.

    Example:
        >>> contour("G2 A B- | B2 z G, |]")
        (1, 1, -9)
    """
    heights: list[int] = []
    before: bars.AbcNote | None = None
    for token in body.split():
        note = bars.parse_note(token)
        if note is None or note.pitch == "z":
            continue
        continues_tie = (
            before is not None and before.tied and before.pitch == note.pitch
        )
        if not continues_tie:
            heights.append(diatonic_step(note.pitch))
        before = note
    return tuple(b - a for a, b in zip(heights, heights[1:], strict=False))
