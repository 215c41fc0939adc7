"""What is filled in for names, numbers and words."""

import random
import re
from collections.abc import Callable

from seqapps.tasks.translation.importers import invention

MASKED_NUMBER, MASKED_NAME = 0.6, 0.15  # shares that are masks
_UNITS = (
    "m|cm|mm|km|km|m²|km²|m³|ha|kg|kg|g|mg|µg|l|ml|cl|dl|t|km/h|m/s|°C|°F|K"
    "|kWh|W|kW|V|A|mAh|Hz|MHz|GHz|KB|MB|GB|TB|Mbps|dpi|px|bar|hPa|dB|min|s|ms"
    "|h|%|ppm|kcal|kJ|N|ft|lb|oz|mi"
).split("|")


def name(rng: random.Random) -> str:
    """The name of a person, a place or a company."""
    kinds = invention.person, invention.place, invention.company
    return rng.choices(kinds, (6, 3, 1))[0](rng)


def instead(rng: random.Random) -> str:
    """What stands for a word: of no language, a name or a code."""
    kinds = invention.word, name, invention.code
    return rng.choices(kinds, (5, 4, 1))[0](rng)


def like(number: str, rng: random.Random) -> str:
    """Another number, written as this one, such as 3,75 for 1,20."""
    if re.fullmatch(r"\d{1,2}:\d\d", number):
        return invention.time(rng)
    if number.isdecimal():
        if len(number) == 4 and number[:2] in ("18", "19", "20"):
            return str(rng.randint(1000, 2099))
        if len(number) == 1:
            return str(rng.randint(2, 9))
        return str(invention.integer(rng))
    head = str(invention.integer(rng) % 10**4)
    rest = re.sub(r"^\d+", "", number)
    return head + re.sub(r"\d", lambda _: str(rng.randint(0, 9)), rest)


def values(
    kind: str, rng: random.Random, languages: tuple[str, str]
) -> list[str]:
    """What is filled in on each side of a pair; "" is a mask.

    Args:
        kind: of `carriers`.
        rng: what draws.
        languages: of the source and the target.
    """
    if kind == "u":
        return ["", ""]
    if kind in "idtfkyg" and rng.random() < MASKED_NUMBER:
        return ["", ""]
    if kind in "npx" and rng.random() < MASKED_NAME:
        return ["", ""]
    makers: dict[str, Callable[[random.Random], str]] = {
        "n": invention.person,
        "p": invention.place,
        "x": invention.company,
        "t": invention.time,
        "k": invention.code,
        "f": invention.phone,
        "w": invention.word,
        "s": lambda rng: str(rng.randint(2, 9)),
        "y": lambda rng: str(rng.randint(1400, 2060)),
        "g": lambda rng: str(rng.randint(1, 31)),
        "b": lambda rng: rng.choice(_UNITS),
    }
    if kind in makers:
        return [makers[kind](rng)] * 2
    value = invention.integer(rng)
    decimals = ""
    if kind == "d":
        value %= 10 ** rng.randint(1, 5)
        decimals = f"{rng.randrange(100):02}" if rng.random() < 0.7 else ""
    if decimals or (value > 9999 and rng.random() < 0.6):
        return [invention.grouped(value, decimals, lang) for lang in languages]
    return [str(value)] * 2
