"""Compare nested values: strings exactly, numbers within a tolerance."""

import math
from numbers import Real
from typing import Any

_PADDING = ("", 0, False, None, -math.inf)


def difference(
    one: Any, other: Any, tolerance: float = 1e-5, *, padded: bool = False
) -> str | None:
    """Describes the first difference between two nested values.

    Args:
        one: a number, a string, or lists and dictionaries of them.
        other: the same.
        tolerance: how far two numbers may be apart, as a share of the larger
            one or, below 1, as a number.
        padded: whether a list may be longer than its counterpart if what is
            more is padding: `""`, 0 or -inf, also in lists.

    Returns:
        Where they differ and how; None if they do not.

    Example:
        >>> difference({"label": ["pos"]}, {"label": ["neg"]})
        "['label'][0]: 'pos' and 'neg'"
    """
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return f": the keys are {sorted(one)} and {sorted(other)}"
        places = [(repr(key), one[key], other[key]) for key in one]
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
        common = min(len(one), len(other))
        rest = [*one[common:], *other[common:]]
        if rest and not (padded and all(map(_is_padding, rest))):
            return f": the lengths are {len(one)} and {len(other)}"
        places = [
            (str(i), a, b)
            for i, (a, b) in enumerate(zip(one, other, strict=False))
        ]
    else:
        return (
            None
            if _alike(one, other, tolerance)
            else f": {one!r} and {other!r}"
        )
    for place, a, b in places:
        if text := difference(a, b, tolerance, padded=padded):
            return f"[{place}]{text}"
    return None


def _is_padding(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_padding, value))
    return value in _PADDING


def _alike(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, Real) and isinstance(other, Real):
        a, b = float(one), float(other)
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        return math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)
    return bool(one == other)
