"""Fonts for any script, as far as they are installed."""

from typing import Any


def font_settings(text: str) -> dict[Any, Any]:
    """Settings of matplotlib that cover the letters of a text.

    The default font comes first, followed greedily by the font that has most
    of the letters still missing.
    """
    from matplotlib import font_manager, rcParams

    names = [*rcParams["font.family"]]
    default = font_manager.FontProperties(family=names)
    missing = set(map(ord, text)) - _letters(font_manager.findfont(default))
    coverage: dict[str, set[int]] = {}
    for font in font_manager.fontManager.ttflist if missing else ():
        if font.name not in coverage and not font.name.startswith(
            "Last Resort"
        ):
            coverage[font.name] = _letters(font.fname) & missing
    while coverage and missing:
        best = max(coverage, key=lambda name: len(coverage[name] & missing))
        if not coverage[best] & missing:
            break
        missing -= coverage.pop(best)
        names.append(best)
    return {"font.family": names}


def _letters(path: str) -> set[int]:
    """The code points that a font file has glyphs for."""
    from matplotlib import font_manager

    try:
        return set(font_manager.get_font(path).get_charmap())
    except (OSError, RuntimeError):  # removed, or broken
        return set()
