"""Fonts for any script, as far as the machine has them."""


def settings(text: str) -> dict:
    """Settings of matplotlib with which it has the letters of a text.

    Its usual font comes first, then again and again the one that has most of
    what is still missing.
    """
    from matplotlib import font_manager, rcParams

    names = [*rcParams["font.family"]]
    usual = font_manager.FontProperties(family=names)
    missing = set(map(ord, text)) - _letters(font_manager.findfont(usual))
    has = {}
    for font in font_manager.fontManager.ttflist if missing else ():
        if font.name not in has and not font.name.startswith("Last Resort"):
            has[font.name] = _letters(font.fname) & missing
    while has and missing:
        best = max(has, key=lambda name: len(has[name] & missing))
        if not has[best] & missing:
            break
        missing -= has.pop(best)
        names.append(best)
    return {"font.family": names}


def _letters(path: str) -> set[int]:
    from matplotlib import font_manager

    try:
        return set(font_manager.get_font(path).get_charmap())
    except (OSError, RuntimeError):  # it has gone, or is broken
        return set()
