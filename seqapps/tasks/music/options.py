"""Settings of `generate`, each with its one default, and what they mean.

Keys, modes and metres are read in the forms that people write. Everything is
checked here, before TensorFlow is loaded.
"""

import difflib
import re
from dataclasses import dataclass
from typing import NamedTuple

from seqapps.console.arguments import (
    Count,
    Options,
    Positive,
    Probability,
    Seed,
    Size,
)
from seqapps.errors import InputError
from seqapps.tasks.music.notation.key_signature import MODES
from seqapps.tasks.music.notation.meter import parse_meter
from seqapps.tasks.music.notation.rhythm import RHYTHMS
from seqapps.tasks.music.notation.unusable import Unusable

LEAST_BARS, MOST_BARS = 4, 256
REWRITE_CANDIDATES = 8
_METERS = "2/2 3/2 2/4 3/4 4/4 6/4 3/8 6/8 9/8 12/8".split()
_MODES = (
    "major minor dorian mixolydian lydian phrygian locrian ionian aeolian"
).split()
_ACCIDENTALS = {"♯": "#", "sharp": "#", "♭": "b", "flat": "b"}
_MOST_SECTIONS = 32


@dataclass(frozen=True, kw_only=True)
class GenerateOptions(Options):
    """What tunes are composed, and how their tokens are chosen.

    Args:
        key: The tonic: G, F#, Bb; or with its mode: Am, Ador. Empty: as often
            as in the collection.
        mode: major, minor, dorian or mixolydian. Empty: any.
        meter: Such as 6/8 (a jig), 2/2 or C| (a reel), 9/8 (a slip jig).
            Empty: any.
        rhythm: Kind of tune: reel, jig, hornpipe, waltz, polka, slip-jig or
            strathspey. Empty: any.
        bars: How many bars as written, those of --primer and --start included:
            the pick-up is not counted, first and second endings each are. Left
            out: as in the collection.
        form: Sections, such as AABB: a letter twice is a repeat, a letter that
            comes back is that section again. Empty: any.
        strength: Share of the bars that --vary writes anew.
        count: How many tunes.
        candidates: Compose so many for each tune, and keep the likeliest.
        temperature: Below 1 plainer tunes, above 1 more surprise.
        top_k: Choose each token among this many likeliest; 0: among all.
        top_p: Choose among the likeliest that together have this probability.
        seed: The same seed gives the same tunes.
    """

    key: str = ""
    mode: str = ""
    meter: str = ""
    rhythm: str = ""
    bars: int | None = None
    form: str = ""
    strength: Probability = 0.3
    count: Count = 1
    candidates: Count = 1
    temperature: Positive = 1.0
    top_k: Size = 0
    top_p: Probability = 0.95
    seed: Seed = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        bars = self.bars
        if bars is not None and not LEAST_BARS <= bars <= MOST_BARS:
            raise InputError(
                f"--bars is from {LEAST_BARS} to {MOST_BARS}, not {bars}; "
                "leave it out for any"
            )
        if len(self.form) > _MOST_SECTIONS:
            raise InputError(f"--form has up to {_MOST_SECTIONS} letters")


@dataclass(frozen=True, kw_only=True)
class GenerateCommandOptions(GenerateOptions):
    """The same on the command line, which writes a few tunes to choose from."""

    count: Count = 4


class Header(NamedTuple):
    """Key, mode and metre, each empty for any."""

    key: str
    mode: str
    meter: str


def parse_header(key: str, mode: str, meter: str) -> Header:
    """Reads what people write: "Ador", "Am", "g", "mix", "C|".

    Args:
        key: a tonic, perhaps with a mode.
        mode: a mode, or its beginning.
        meter: a metre, or ABC's C and C|.

    Raises:
        InputError: one of them is no such thing, or key and mode disagree;
            it names the nearest right form.

    Example:
        >>> parse_header("a dor", "", "c|")
        Header(key='A', mode='dorian', meter='2/2')
    """
    tonic, within = _key(key)
    mode = _mode(mode)
    if within and mode and within != mode:
        raise InputError(f"--key {key} is {within}, but --mode says {mode}")
    return Header(tonic, within or mode, _meter(meter))


def _key(text: str) -> tuple[str, str]:
    """The tonic, and the mode if one is named."""
    if not text.strip():
        return "", ""
    parts = re.fullmatch(
        r"\s*([A-Ga-g])\s*([#b♯♭]|sharp|flat)?(?:\s*(\S+))?\s*", text
    )
    if not parts:
        raise InputError(
            f"unknown key {text}: give a tonic such as G, F# or Bb, alone or "
            "with a mode: Am, Ador, Dmix"
        )
    letter, accidental, word = parts.groups(default="")
    tonic = letter.upper() + _ACCIDENTALS.get(accidental, accidental)
    if not word:
        return tonic, ""
    try:
        return tonic, _mode(word)
    except InputError as error:
        raise InputError(f"unknown key {text}: {error}") from None


def _mode(text: str) -> str:
    text = text.strip()
    word = {"m": "minor", "M": "major"}.get(text, text.lower())
    if not word:
        return ""
    names = [name for name in _MODES if name.startswith(word)]
    if len(word) >= 3 and names:
        return MODES[word[:3]][0]
    near = difflib.get_close_matches(word, _MODES, 1) or names[:1]
    hint = f"did you mean {near[0]}?" if near else "such as major or dorian"
    raise InputError(f"unknown mode {text}: {hint}")


def _meter(text: str) -> str:
    word = text.strip().upper().replace(":", "/").replace(" ", "")
    if not word:
        return ""
    try:
        return parse_meter(word)
    except Unusable:
        near = difflib.get_close_matches(word, _METERS, 1)
        hint = f"did you mean {near[0]}?" if near else "give one such as 6/8"
        raise InputError(f"unknown meter {text}: {hint}") from None


def parse_rhythm_name(text: str) -> str:
    """Reads the kind of a tune as people write it: "Slip jig", "reels".

    Raises:
        InputError: it is none of `RHYTHMS`; it names the nearest.
    """
    word = "-".join(text.lower().replace("-", " ").split())
    if not word:
        return ""
    for name in (
        word,
        word.removesuffix("s"),
        {"slipjig": "slip-jig"}.get(word),
    ):
        if name in RHYTHMS:
            return name
    near = difflib.get_close_matches(word, RHYTHMS, 1)
    hint = (
        f"did you mean {near[0]}?" if near else f"one of {', '.join(RHYTHMS)}"
    )
    raise InputError(f"unknown rhythm {text}: {hint}")


def require_few_bars(number: object) -> None:
    """Refuses more bars than are reasonable, of a caller in Python.

    Raises:
        InputError: there are more.
    """
    if isinstance(number, int) and number > MOST_BARS:
        raise InputError(f"bars is at most {MOST_BARS}, not {number}")
