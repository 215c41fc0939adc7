"""Engraves a chorale on two staves."""

from seqapps.tasks.chorale.notation.chorale import Chorale
from seqapps.tasks.chorale.rendering.musicxml import write_musicxml


def draw_svg(chorale: Chorale) -> str:
    """Draws a chorale on two staves, on one page as high as the music.

    Returns:
        SVG, the same for the same chorale.
    """
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions(
        {
            "inputFrom": "musicxml",
            "adjustPageHeight": True,
            "breaks": "auto",
            "footer": "none",
            "header": "auto",
            "minLastJustification": 0.4,
            "pageHeight": 60000,
            "pageWidth": 2400,
            "scale": 45,
            "xmlIdSeed": 1,
        }
    )
    if not toolkit.loadData(write_musicxml(chorale, closed=True)):
        raise ValueError("the score could not be drawn")
    return toolkit.renderToSVG(1)
