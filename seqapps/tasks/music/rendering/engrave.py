"""Engraves a tune: MEI, which Verovio draws as SVG.

Verovio reads ABC as well, but loses endings, `::` and the beams of tuplets.
"""

import re
from collections.abc import Sequence

from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering.mei import write_mei

_STAFF_SPACE = 180  # between two lines of a staff, in Verovio's units


def draw_svg(
    tune: Tune,
    classes: Sequence[str] = (),
    labels: Sequence[str] = (),
    changed: frozenset[int] = frozenset(),
) -> str:
    """Draws a tune on one page, exactly as high as the music.

    Args:
        tune: its body may be any text of canonical tokens.
        classes: CSS classes of each token of the body; may be empty.
        labels: tooltips of each token of the body; may be empty.
        changed: indices of measures that get a `rect` of class "tint" behind
            them, for a style sheet to colour.

    Returns:
        SVG, the same for the same tune.
    """
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions(
        {
            "inputFrom": "mei",
            "adjustPageHeight": True,
            "breaks": "encoded",
            "footer": "none",
            "header": "encoded",
            "minLastJustification": 0.4,
            "pageHeight": 60000,
            "pageWidth": 2400,
            "scale": 45,
            "xmlIdSeed": 1,
        }
    )
    if not toolkit.loadData(write_mei(tune, classes, labels, changed)):
        raise ValueError("the score could not be drawn")
    return re.sub(
        # the first measure of a line has its number before its staff
        r'(class="measure changed">(?:(?!class="measure)[\s\S])*?'
        r'class="staff">\s*)(?=<path d="M(\d+) (\d+) L(\d+) )',
        _add_tint,
        toolkit.renderToSVG(1),
    )


def _add_tint(match: re.Match[str]) -> str:
    """Puts a `rect` behind one measure, before the first line of its staff."""
    left, top, right = map(int, match.groups()[1:])
    return (
        f'{match[1]}<rect class="tint" x="{left}" y="{top - 2 * _STAFF_SPACE}" '
        f'width="{right - left}" height="{8 * _STAFF_SPACE}" />'
    )
