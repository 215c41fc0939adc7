"""Repeats and endings: every one opens and closes."""

from seqapps.tasks.music.notation.parsed import ParsedMeasure
from seqapps.tasks.music.notation.unusable import Unusable

_UNBALANCED = "unbalanced repeats"


def close_repeats(measures: list[ParsedMeasure], complete: bool) -> None:
    """Closes every repeat and ending.

    Args:
        measures: are changed in place; the first is only the opening bar line.
        complete: whether it is a whole tune; if not, the last repeat or ending
            may stay open.

    Raises:
        Unusable: repeats or endings do not match.
    """
    first, last = measures[0].bar_line, measures[-1].bar_line
    if complete:
        last.starts_repeat = False
    else:
        last.ending, last.double = "", False
    if first.ending or last.ending:
        raise Unusable(_UNBALANCED)
    first.ends_repeat = first.double = False
    repeat_open, closable, ending = first.starts_repeat, True, ""
    for m in measures[1:]:
        line = m.bar_line
        final = complete and line is last  # nothing comes after it
        if ending == "1":
            line.ends_repeat |= line.ending == "2"
            closes = line.ending == "2" or line is last and not complete
            if (
                line.starts_repeat
                or line.ends_repeat
                and not closes
                or line.ending == "1"
            ):
                raise Unusable(_UNBALANCED)
            if line.ends_repeat:
                line.double, repeat_open = False, False
                ending = "2"
            elif line.double or final:
                raise Unusable(_UNBALANCED)
            continue
        if (
            line.ending == "2"
            or line.ending
            and (line.starts_repeat or line.ends_repeat)
        ):
            raise Unusable(_UNBALANCED)
        if line.ending:
            if ending:
                raise Unusable(_UNBALANCED)
            line.double, ending = False, "1"
            continue
        if ending == "2":
            if line.ends_repeat:  # the repeat has been played: a double bar
                line.ends_repeat, line.double = False, True
            if line.double or line.starts_repeat:
                ending = ""
        if (
            repeat_open
            and (line.starts_repeat or final)
            and not line.ends_repeat
        ):
            if not closable:
                raise Unusable(_UNBALANCED)
            line.ends_repeat = True
        if line.ends_repeat or line.starts_repeat:
            repeat_open, closable = line.starts_repeat, True
        elif line.double:
            closable = False


def open_repeats(measures: list[ParsedMeasure]) -> None:
    """Opens every repeat where it goes back to; the first needs no sign.

    Args:
        measures: are changed in place; the first is only the opening bar line.
    """
    opening, opened = measures[0].bar_line, True  # of the section
    signed = opening.starts_repeat  # then a double bar ends no section
    opening.starts_repeat = False
    for m in measures[1:]:
        line = m.bar_line
        if (line.ends_repeat or line.ending == "1") and not opened:
            opening.starts_repeat, opening.double = True, False
        if line.ends_repeat and line.ending == "2":
            signed = False
        elif (
            line.ends_repeat or line.starts_repeat or line.double and not signed
        ):
            opening = line
            opened = signed = line.starts_repeat
        elif opening is measures[0].bar_line:
            line.double = False  # without the sign a repeat would go back here
