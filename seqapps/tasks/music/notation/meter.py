"""Metres: read from `M:`, with their beats and units."""

import re
from fractions import Fraction

from seqapps.tasks.music.notation.unusable import Unusable

_MAX_LENGTH = 300  # characters of a field that are read


def parse_meter(value: str) -> str:
    """Returns the value of `M:` as "n/d".

    Common time becomes 4/4, cut time 2/2, and sums are added: 2+3/8 is 5/8.

    Raises:
        Unusable: it is no metre, or a rare one.
    """
    words = value[:_MAX_LENGTH].replace('"', " ").split()
    value = words[0] if words else ""
    value = {"C": "4/4", "C|": "2/2"}.get(value, value)
    added = re.fullmatch(r"\(?(\d(?:\+\d){1,5})\)?/(\d{1,2})", value)
    if added:
        value = f"{sum(map(int, added[1].split('+')))}/{added[2]}"
    m = re.fullmatch(r"([1-9]\d?)/(1|2|4|8|16)", value)
    if not m or not 1 < int(m[1]) <= 12:
        none = value.lower() in ("", "none")
        raise Unusable("no metre" if none else "unusual metre")
    return value


def default_unit(meter: str) -> Fraction:
    """Returns the unit, in eighths, of a tune without `L:`."""
    return Fraction(1, 2) if Fraction(meter) < Fraction(3, 4) else Fraction(1)


def bar_length(meter: str) -> Fraction:
    """Returns the length of a full bar, in eighths."""
    return Fraction(meter) * 8


def beat(meter: str) -> Fraction:
    """Returns the beat of a metre, in whole notes.

    Example:
        >>> [str(beat(meter)) for meter in ("6/8", "3/4", "2/2", "3/8")]
        ['3/8', '1/4', '1/2', '1/8']
    """
    over, under = map(int, meter.split("/"))
    return Fraction(3 if groups_by_three(meter) and over > 3 else 1, under)


def groups_by_three(meter: str) -> bool:
    """Whether three notes share a beam: in 3/8 and in compound metres."""
    over, under = map(int, meter.split("/"))
    return under >= 8 and over % 3 == 0


def metric_units(meter: str) -> list[Fraction]:
    """Returns the parts that a bar divides into, in eighths, longest first.

    Example:
        >>> [str(unit) for unit in metric_units("6/8")]
        ['3', '1', '1/2', '1/4']
    """
    over, under = map(int, meter.split("/"))
    finer = [Fraction(1, 2**k) for k in range(3)]
    if groups_by_three(meter):
        return [Fraction(24, under), *finer]
    halves = [Fraction(4)] if over % 2 == 0 else []
    return [*halves, Fraction(2), *finer]
