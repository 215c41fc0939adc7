"""What keeps a canonical body from being a tune."""

import re
from fractions import Fraction

from seqapps.tasks.music.notation.bars import (
    BAR_LINES,
    ENDINGS,
    TUPLETS,
    parse_note,
    split_measures,
    tuplet_size,
)

_LEAST_BARS = 4  # of a tune


def find_problems(meter: str, body: str) -> list[str]:
    """Returns what keeps a body from being a tune; empty if nothing does.

    Args:
        meter: such as "6/8".
        body: text made of canonical tokens, in whatever order.

    Returns:
        Phrases such as "bar 7 holds 5/8 of 6/8".

    Example:
        >>> find_problems("2/4", "G2 B2 | d2 B2 | A2 F2 | G4 |]")
        []
        >>> find_problems("2/4", "G2 B2 | d2 B | A2 F2 | G4 | G4 |]")
        ['bar 2 holds 3/8 of 2/4']
    """
    m = re.fullmatch(r"([1-9]\d?)/([1-9]\d?)", meter)
    if not m:
        return [f"cannot read the metre `{meter}`"]
    tokens = body.split()
    unknown = dict.fromkeys(t for t in tokens if not _is_canonical(t))
    return [
        *(f"cannot read `{token}`" for token in unknown),
        *_bar_problems(Fraction(int(m[1]), int(m[2])), meter, body),
        *_tuplet_problems(tokens),
        *_repeat_problems(tokens),
    ]


def _is_canonical(token: str) -> bool:
    return (
        token in BAR_LINES
        or token in ENDINGS
        or tuplet_size(token) > 0
        or parse_note(token) is not None
    )


def _bar_problems(full_bar: Fraction, meter: str, body: str) -> list[str]:
    """Checks that bars with a plain bar line on both sides are full."""
    problems: list[str] = []
    number, total, notes = 0, Fraction(0), 0
    for measure in split_measures(body):
        duration = measure.duration
        number += number > 0 or duration >= full_bar or measure.opener != ""
        plain = measure.opener == measure.closer == "|"
        if duration > full_bar or plain and duration < full_bar:
            size = _as_meter(duration, meter)
            problems.append(f"bar {number} holds {size} of {meter}")
        total += duration
        notes += any(t[0] != "z" and length for t, length in measure.timed)
    if not notes:
        problems.append("there is no note")
    elif total < _LEAST_BARS * full_bar:
        problems.append(f"there are fewer than {_LEAST_BARS} bars")
    return problems


def _as_meter(length: Fraction, meter: str) -> str:
    """Writes a length over the denominator of the metre, if it can be."""
    under = int(meter.split("/")[1])
    over = length * under
    return f"{over}/{under}" if over.denominator == 1 else str(length)


def _tuplet_problems(tokens: list[str]) -> list[str]:
    problems: list[str] = []
    for i, token in enumerate(tokens):
        p = tuplet_size(token)
        if not p:
            continue
        group = [parse_note(t) for t in tokens[i + 1 : i + 1 + p]]
        notes = [note for note in group if note is not None]
        if len(notes) < p:
            problems.append(f"a tuplet of {p} is not complete")
            continue
        length = sum((n.length for n in notes), Fraction(0)) * TUPLETS[p] / p
        if length.denominator & (length.denominator - 1):
            problems.append(f"a tuplet of {p} lasts {length} of a whole note")
    return problems


def _repeat_problems(tokens: list[str]) -> list[str]:
    problems: list[str] = []
    repeat_open = False  # by `|:` or `::`
    ending = ""  # "1" or "2" within one, "closed" after ending 1
    for before, token in zip(["", *tokens], tokens, strict=False):
        if ending == "closed" and token != "[2":
            problems.append("ending 1 is not followed by ending 2")
            ending = ""
        if before in BAR_LINES and token in BAR_LINES:
            problems.append(f"nothing between `{before}` and `{token}`")
        if token == "[1":
            if before != "|" or ending:
                problems.append("ending 1 stands in an odd place")
            ending = "1"
        elif token == "[2":
            if ending != "closed":
                problems.append("ending 2 does not follow ending 1")
            ending = "2"
        elif token in ("||", "|:", "::", ":|", "|]"):
            if ending == "1" and token != ":|":
                problems.append(f"`{token}` within ending 1")
            if ending == "2" and token in ("::", ":|"):
                problems.append(f"`{token}` closes ending 2")
            if token == "|:" and repeat_open:
                problems.append("`|:` within a repeat")
            if token == "|]" and repeat_open:
                problems.append("a repeat is never closed")
            ending = "closed" if ending == "1" and token == ":|" else ""
            repeat_open = token in ("|:", "::") or token == "||" and repeat_open
    if ending == "closed":
        problems.append("ending 1 is not followed by ending 2")
    if "|]" in tokens[:-1]:
        problems.append("`|]` before the end")
    if not tokens or tokens[-1] not in ("|]", ":|"):
        problems.append("the end is neither `|]` nor `:|`")
    return problems
