"""Bars of canonical ABC: how long they are, and what is wrong with them.

A canonical body is made of tokens with space between them: notes and rests
(`^f2`, `c'3/2`, `B,`, `G/2`, `d3-`, `z`), tuplet openers (`(3`), bar lines
(`|`, `||`, `|:`, `:|`, `::`, `|]`) and endings (`[1`, `[2`). Lengths are
in eighth notes, as `L:1/8` says.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

EIGHTH = Fraction(1, 8)
# p notes in the time of q; the others depend on the metre or are too rare
TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2}
BAR_LINES = {"|", "||", "|]", "|:", ":|", "::"}
ENDINGS = {"[1", "[2"}
_LINES = BAR_LINES | ENDINGS

_NOTE = re.compile(
    r"(?P<accidental>\^\^?|__?|=)?(?P<pitch>[A-G],*|[a-g]'*|z)"
    r"(?P<over>[1-9]\d*)?(?:/(?P<under>[1-9]\d*))?(?P<tie>-)?"
)


class Note(NamedTuple):
    """A note or rest as written.

    Args:
        accidental: "", "^", "^^", "_", "__" or "=".
        pitch: the letter with its octave, `z` for a rest.
        length: in whole notes, before any tuplet.
        tied: whether a tie leads on from it.
    """

    accidental: str
    pitch: str
    length: Fraction
    tied: bool


@lru_cache(maxsize=4096)
def note(token: str) -> Note | None:
    """A token as a note; None when it is something else."""
    m = _NOTE.fullmatch(token)
    if not m or m["pitch"] == "z" and (m["accidental"] or m["tie"]):
        return None
    length = Fraction(int(m["over"] or 1), int(m["under"] or 1)) * EIGHTH
    return Note(m["accidental"] or "", m["pitch"], length, bool(m["tie"]))


def sounding(tokens: list[str]) -> Iterator[tuple[str, Fraction]]:
    """Every token with the time it takes, tuplets counted right.

    Args:
        tokens: of a canonical body; what is no note takes no time.
    """
    scale, left = Fraction(1), 0
    for token in tokens:
        if p := tuplet(token):
            scale, left = Fraction(TUPLETS[p], p), p
        elif token in BAR_LINES:
            scale, left = Fraction(1), 0
        read = note(token)
        if read is None:
            yield token, Fraction(0)
            continue
        yield token, read.length * scale
        left -= 1
        if left <= 0:
            scale = Fraction(1)


def tuplet(token: str) -> int:
    """How many notes a tuplet opener takes; 0 when the token is none."""
    p = int(token[1]) if re.fullmatch(r"\([2-9]", token) else 0
    return p if p in TUPLETS else 0


class Measure(NamedTuple):
    """What stands between two bar lines.

    Args:
        opener: the bar line before it, with an ending where one starts:
            "", "|", ":| [2".
        timed: its tokens, each with the time it takes in whole notes.
        closer: the bar line after it, written in the same way.
    """

    opener: str
    timed: list[tuple[str, Fraction]]
    closer: str

    @property
    def held(self) -> Fraction:
        """How long it is, in whole notes."""
        return sum((length for _, length in self.timed), Fraction(0))


def measures(body: str) -> list[Measure]:
    """Cut a body at its bar lines; bar lines with nothing between stay one."""
    found: list[Measure] = []
    opener = ""
    runs = groupby(sounding(body.split()), lambda pair: pair[0] in _LINES)
    for lines, run in runs:
        if lines:
            opener = " ".join(token for token, _ in run)
            if found:
                found[-1] = found[-1]._replace(closer=opener)
        else:
            found.append(Measure(opener, list(run), ""))
    return found


def durations(body: str) -> list[Fraction]:
    """The length, in whole notes, of what stands between two bar lines.

    Example:
        >>> [str(d) for d in durations("G2 | (3 A B c d4 |]")]
        ['1/4', '3/4']
    """
    return [measure.held for measure in measures(body)]


def written(meter: str, body: str) -> int:
    """How many bars a tune has as written: pick-ups are not counted.

    Short bars at the beginning and after repeats are pick-ups.

    Example:
        >>> written("2/4", "G | A4 | [1 B3 :| [2 c3 :: d | e4 | f3 |]")
        5
    """
    whole = Fraction(meter)
    return sum(
        measure.held >= whole
        or measure.opener == "|"
        or measure.opener.endswith(tuple(ENDINGS))
        for measure in measures(body)
    )


def problems(meter: str, body: str) -> list[str]:
    """What keeps a body from being a tune; empty when nothing does.

    Args:
        meter: such as "6/8".
        body: text made of canonical tokens, in whatever order.

    Returns:
        Phrases such as "bar 7 holds 5/8 of 6/8".

    Example:
        >>> problems("2/4", "G2 B2 | d2 B2 | A2 F2 | G4 |]")
        []
        >>> problems("2/4", "G2 B2 | d2 B | A2 F2 | G4 | G4 |]")
        ['bar 2 holds 3/8 of 2/4']
    """
    m = re.fullmatch(r"([1-9]\d?)/([1-9]\d?)", meter)
    if not m:
        return [f"cannot read the metre `{meter}`"]
    tokens = body.split()
    strange = dict.fromkeys(t for t in tokens if not _known(t))
    return [
        *(f"cannot read `{token}`" for token in strange),
        *_bar_lengths(Fraction(int(m[1]), int(m[2])), meter, body),
        *_tuplets(tokens),
        *_repeats(tokens),
    ]


def _known(token: str) -> bool:
    return token in _LINES or tuplet(token) > 0 or note(token) is not None


def _bar_lengths(whole: Fraction, meter: str, body: str) -> list[str]:
    """Only what has a plain bar line on both sides must be a full bar."""
    found: list[str] = []
    number, total, notes = 0, Fraction(0), 0
    for measure in measures(body):
        held = measure.held
        number += number > 0 or held >= whole or measure.opener != ""
        plain = measure.opener == measure.closer == "|"
        if held > whole or plain and held < whole:
            size = _written(held, meter)
            found.append(f"bar {number} holds {size} of {meter}")
        total += held
        notes += any(t[0] != "z" and length for t, length in measure.timed)
    if not notes:
        found.append("there is no note")
    elif total < 4 * whole:
        found.append("there are fewer than 4 bars")
    return found


def _written(length: Fraction, meter: str) -> str:
    under = int(meter.split("/")[1])
    over = length * under
    return f"{over}/{under}" if over.denominator == 1 else str(length)


def _tuplets(tokens: list[str]) -> list[str]:
    found = []
    for i, token in enumerate(tokens):
        p = tuplet(token)
        if not p:
            continue
        group = [note(t) for t in tokens[i + 1 : i + 1 + p]]
        if len(group) < p or None in group:
            found.append(f"a tuplet of {p} is not complete")
            continue
        length = sum(n.length for n in group) * TUPLETS[p] / p  # type: ignore
        if length.denominator & (length.denominator - 1):
            found.append(f"a tuplet of {p} lasts {length} of a whole note")
    return found


def _repeats(tokens: list[str]) -> list[str]:
    found = []
    repeating = False  # a `|:` is open
    ending = ""
    for before, token in zip(["", *tokens], tokens, strict=False):
        if ending == "closed" and token != "[2":
            found.append("ending 1 is not followed by ending 2")
            ending = ""
        if before in BAR_LINES and token in BAR_LINES:
            found.append(f"nothing between `{before}` and `{token}`")
        if token == "[1":
            if before != "|" or ending:
                found.append("ending 1 stands in an odd place")
            ending = "1"
        elif token == "[2":
            if ending != "closed":
                found.append("ending 2 does not follow ending 1")
            ending = "2"
        elif token in ("||", "|:", "::", ":|", "|]"):
            if ending == "1" and token != ":|":
                found.append(f"`{token}` within ending 1")
            if ending == "2" and token in ("::", ":|"):
                found.append(f"`{token}` closes ending 2")
            if token == "|:" and repeating:
                found.append("`|:` within a repeat")
            if token == "|]" and repeating:
                found.append("a repeat is never closed")
            ending = "closed" if ending == "1" and token == ":|" else ""
            repeating = token in ("|:", "::") or token == "||" and repeating
    if ending == "closed":
        found.append("ending 1 is not followed by ending 2")
    if "|]" in tokens[:-1]:
        found.append("`|]` before the end")
    if not tokens or tokens[-1] not in ("|]", ":|"):
        found.append("the end is neither `|]` nor `:|`")
    return found
