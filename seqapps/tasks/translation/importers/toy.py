"""Pairs made by rule: numbers and dates in words, and in digits."""

import calendar
import random

from seqapps.errors import InputError
from seqapps.tasks.translation.importers.pair_files import Pair

_MOST = 500_000  # pairs: there are more, but they get ever harder to find
_YEARS = range(1900, 2100)
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_MONTHS = (
    "january february march april may june july august september october "
    "november december"
).split()


def pairs(count: int, seed: int = 0) -> list[Pair]:
    """Makes pairs of English words and digits, half numbers and half dates.

    Three ways to say a date are the same in digits, so pairs hang together as
    translations do. No pair comes twice.

    Args:
        count: how many, up to 500,000.
        seed: of the choice; the first of a seed are the same for any count.

    Raises:
        InputError: for a count that cannot be had.

    Example:
        >>> pairs(2, seed=1)[1]
        ('august 21st, 2015', '2015-08-21')
    """
    if not 0 < count <= _MOST:
        raise InputError(f"1 to {_MOST} toy pairs can be made, not {count}")
    chance = random.Random(seed)
    found: dict[Pair, None] = {}  # a set that keeps its order
    while len(found) < count:
        make = _some_date if chance.random() < 0.5 else _some_number
        found[make(chance)] = None
    return list(found)


def number(value: int) -> str:
    """Says a number from 0 to 999,999 in words.

    Example:
        >>> number(4017)
        'four thousand and seventeen'
    """
    thousands, rest = divmod(value, 1000)
    parts = [f"{_hundreds(thousands)} thousand"] if thousands else []
    if rest or not parts:
        joint = "and " if parts and rest < 100 else ""
        parts.append(joint + _hundreds(rest))
    return " ".join(parts)


def dates(year: int, month: int, day: int) -> list[str]:
    """Says a date in words, in three ways.

    Example:
        >>> for words in dates(2026, 11, 21):
        ...     print(words)
        the twenty-first of november, two thousand and twenty-six
        november 21st, 2026
        21 november twenty twenty-six
    """
    name = _MONTHS[month - 1]
    century, rest = divmod(year, 100)
    short = number(rest) if rest > 9 else f"oh {number(rest)}"
    pair = f"{number(century)} {short if rest else 'hundred'}"
    whole = number(year) if year >= 2000 else pair
    spoken = pair if rest > 9 else whole  # nobody says "twenty oh three"
    return [
        f"the {ordinal(day)} of {name}, {whole}",
        f"{name} {day}{_ending(day)}, {year}",
        f"{day} {name} {spoken}",
    ]


def ordinal(value: int) -> str:
    """Says which one it is, of 1 to 99, in words.

    Example:
        >>> ordinal(21)
        'twenty-first'
    """
    head, hyphen, last = number(value).rpartition("-")
    if last.endswith("y"):
        last = f"{last[:-1]}ieth"
    else:
        last = _ORDINALS.get(last, f"{last}th")
    return head + hyphen + last


def _hundreds(value: int) -> str:
    hundreds, rest = divmod(value, 100)
    parts = [f"{_SMALL[hundreds]} hundred"] if hundreds else []
    if rest or not parts:
        ten, one = divmod(rest, 10)
        small = _SMALL[rest] if rest < 20 else _TENS[ten - 2]
        parts.append(
            small if rest < 20 or not one else f"{small}-{_SMALL[one]}"
        )
    return " and ".join(parts)


def _ending(day: int) -> str:
    if day in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _some_number(chance: random.Random) -> Pair:
    value = chance.randrange(10 ** chance.randint(1, 6))
    return number(value), str(value)


def _some_date(chance: random.Random) -> Pair:
    year, month = chance.choice(_YEARS), chance.randint(1, 12)
    day = chance.randint(1, calendar.monthrange(year, month)[1])
    words = chance.choice(dates(year, month, day))
    return words, f"{year}-{month:02}-{day:02}"
