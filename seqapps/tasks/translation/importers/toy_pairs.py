"""A toy corpus made by rule: numbers and dates in words, and in digits."""

import calendar
import random

from seqapps.errors import InputError
from seqapps.tasks.translation.importers.pair_files import Pair

_MAX_PAIRS = 500_000  # there are more, but they get ever harder to draw
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


def generate_pairs(count: int, seed: int = 0) -> list[Pair]:
    """Generates pairs of English words and digits, half numbers, half dates.

    A date has three forms in words and one in digits, so that pairs share
    sentences as translations do. The pairs are distinct.

    Args:
        count: number of pairs, up to 500,000.
        seed: of the draws; a larger count appends to the same pairs.

    Raises:
        InputError: the count is out of range.

    Example:
        >>> generate_pairs(2, seed=1)[1]
        ('august 21st, 2015', '2015-08-21')
    """
    if not 0 < count <= _MAX_PAIRS:
        raise InputError(
            f"1 to {_MAX_PAIRS} toy pairs can be made, not {count}"
        )
    rng = random.Random(seed)
    pairs: dict[Pair, None] = {}  # a set that keeps its order
    while len(pairs) < count:
        draw = _random_date if rng.random() < 0.5 else _random_number
        pairs[draw(rng)] = None
    return list(pairs)


def number_words(value: int) -> str:
    """Spells a number from 0 to 999,999 in words.

    Example:
        >>> number_words(4017)
        'four thousand and seventeen'
    """
    thousands, rest = divmod(value, 1000)
    parts = [f"{_hundreds(thousands)} thousand"] if thousands else []
    if rest or not parts:
        joint = "and " if parts and rest < 100 else ""
        parts.append(joint + _hundreds(rest))
    return " ".join(parts)


def date_words(year: int, month: int, day: int) -> list[str]:
    """Spells a date in words, in three forms.

    Example:
        >>> for words in date_words(2026, 11, 21):
        ...     print(words)
        the twenty-first of november, two thousand and twenty-six
        november 21st, 2026
        21 november twenty twenty-six
    """
    name = _MONTHS[month - 1]
    century, rest = divmod(year, 100)
    short = number_words(rest) if rest > 9 else f"oh {number_words(rest)}"
    pair = f"{number_words(century)} {short if rest else 'hundred'}"
    whole = number_words(year) if year >= 2000 else pair
    informal = pair if rest > 9 else whole  # nobody says "twenty oh three"
    return [
        f"the {ordinal_words(day)} of {name}, {whole}",
        f"{name} {day}{_ordinal_suffix(day)}, {year}",
        f"{day} {name} {informal}",
    ]


def ordinal_words(value: int) -> str:
    """Spells an ordinal number from 1 to 99 in words.

    Example:
        >>> ordinal_words(21)
        'twenty-first'
    """
    head, hyphen, last = number_words(value).rpartition("-")
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


def _ordinal_suffix(day: int) -> str:
    if day in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _random_number(rng: random.Random) -> Pair:
    value = rng.randrange(10 ** rng.randint(1, 6))
    return number_words(value), str(value)


def _random_date(rng: random.Random) -> Pair:
    year, month = rng.choice(_YEARS), rng.randint(1, 12)
    day = rng.randint(1, calendar.monthrange(year, month)[1])
    words = rng.choice(date_words(year, month, day))
    return words, f"{year}-{month:02}-{day:02}"
