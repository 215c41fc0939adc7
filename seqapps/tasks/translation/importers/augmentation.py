"""Training pairs with what must be copied, made from other pairs."""

import random
import re
import unicodedata

from seqapps.tasks.translation.codec.learning import MASKS
from seqapps.tasks.translation.importers import carriers as carriers_
from seqapps.tasks.translation.importers import lexicon, slots, word_pairs
from seqapps.tasks.translation.importers.pair_files import Pair
from seqapps.text.strings import without_accents

_FIRST = 0xE000
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SLOT = re.compile(r"\{(\w)\d?\}")
_STAND_IN = "\uf8ff"  # of what is filled in, while masks are not yet numbered
_MOST_PAIRS = 200_000  # of which words are aligned
# of a pair that is altered: how
_IN_CARRIER, _FORM, _JOINED = 0.18, 0.2, 0.06
_MASKED_WORD = 0.35


class Augmentation:
    """Alters pairs so that something in them must be copied.

    Names and numbers that stand on both sides are replaced by others, invented
    ones, on both sides; so are words that are nearly always translated by one
    another. Some are replaced by masks, U+E000 ..., as the codec puts them in
    the place of what is not to be translated. Other pairs are altered in form:
    a source in small letters, without accents or end mark, two pairs in one.

    Args:
        pairs: of training; what is a name, and what words go together, is
            found in them.
        source: the language of the sources, "es", or "" for any.
        target: likewise.
    """

    def __init__(self, pairs: list[Pair], source: str = "", target: str = ""):
        self.pairs = pairs
        self.languages = source, target
        self.names = lexicon.names(pairs)
        self.words = lexicon.aligned_words(pairs[:_MOST_PAIRS])
        self.carriers = carriers_.carriers(source, target)
        swap = source == "en"
        self.tables = {
            kind: [
                cell[::-1] if swap else cell
                for cell in word_pairs.pairs_of(table)
            ]
            for kind, table in word_pairs.TABLES.items()
        }

    def epoch(self, pairs: list[Pair], share: float, seed: int) -> list[Pair]:
        """The pairs of an epoch, a share of them altered.

        Args:
            pairs: of training; one that occurs again is altered otherwise.
            share: of all pairs, that is altered.
            seed: of what is drawn.
        """
        rng = random.Random(seed)
        return [
            self.alter(pair, f"{seed} {i}") if rng.random() < share else pair
            for i, pair in enumerate(pairs)
        ]

    def alter(self, pair: Pair, seed: str) -> Pair:
        """Another pair, made of this one or of a carrier.

        Args:
            pair: of the training pairs, or like them.
            seed: of what is drawn.
        """
        rng = random.Random(seed)
        draw = rng.random()
        if draw < _FORM:
            return self._formed(pair, rng)
        if draw < _FORM + _JOINED:
            other = rng.choice(self.pairs)
            if max(len(pair[0]), len(other[0])) < 80:
                return f"{pair[0]} {other[0]}", f"{pair[1]} {other[1]}"
        if self.carriers and draw > 1 - _IN_CARRIER:
            return self._in_carrier(rng)
        return self._replaced(pair, rng)

    def _replaced(self, pair: Pair, rng: random.Random) -> Pair:
        """Replaces names, numbers and words on both sides."""
        filled: list[str] = []
        sides = list(pair)

        def put(pattern: str, other: str, value: str) -> None:
            stand_in = f"{_STAND_IN}{len(filled)}{_STAND_IN}"
            filled.append(value)
            for i, text in enumerate((pattern, other)):
                sides[i] = re.sub(
                    rf"(?<![^\W_]){re.escape(text)}(?![^\W_])",
                    stand_in,
                    sides[i],
                    count=0 if text == pattern == other else 1,
                )

        numbers = set(_NUMBER.findall(pair[0])) & set(_NUMBER.findall(pair[1]))
        for number in sorted(numbers):
            mask = len(number) > 1 and rng.random() < slots.MASKED_NUMBER
            put(number, number, "" if mask else slots.like(number, rng))
        left, right = (set(lexicon.WORD.findall(side)) for side in sides)
        for name in sorted(left & right & self.names):
            mask = rng.random() < slots.MASKED_NAME
            put(name, name, "" if mask else slots.name(rng))
        most = 3 if len(pair[0]) > 60 else 2 if len(pair[0]) > 30 else 1
        most -= len(filled)
        lower = {word.lower(): word for word in right}
        choices = [
            (word, lower[other])
            for word in sorted(left)
            for other in self.words.get(word.lower(), ())
            if other in lower and len(lower[other]) > 2
        ]
        rng.shuffle(choices)
        for word, other in choices:
            if most <= 0 or word not in left or other not in right:
                continue
            most -= 1
            left.remove(word)
            right.remove(other)
            value = ""
            if rng.random() >= _MASKED_WORD:
                value = slots.instead(rng)
                first = word[0].isupper() and other[0].isupper()
                value = value[0].upper() + value[1:] if first else value
            put(word, other, value)
        if not filled:
            return self._framed(pair, rng)
        return _complete(sides, filled)

    def _framed(self, pair: Pair, rng: random.Random) -> Pair:
        """Something in front of the pair, or behind it."""
        value = "" if rng.random() < 0.5 else slots.name(rng)
        stand_in = f"{_STAND_IN}0{_STAND_IN}"
        frame = rng.choice(
            ("{0}: {1}", "{0}, {1}", "{1} ({0})", "«{0}» {1}", "{0} – {1}")
            if len(pair[0]) < 90
            else ("{1}",)
        )
        return _complete([frame.format(stand_in, s) for s in pair], [value])

    def _in_carrier(self, rng: random.Random) -> Pair:
        frames = rng.choice(self.carriers)
        places = list(dict.fromkeys(m[0] for m in _SLOT.finditer(frames[0])))
        filled: list[str] = []
        sides = list(frames)
        for place in places:
            kind = place[1]
            if kind in self.tables:
                values = rng.choice(self.tables[kind])
            else:
                values = slots.values(kind, rng, self.languages)
            for i in range(2):
                number = len(filled) + (i if values[0] != values[1] else 0)
                stand_in = f"{_STAND_IN}{number}{_STAND_IN}"
                sides[i] = sides[i].replace(place, stand_in)
            filled += values if values[0] != values[1] else values[:1]
        return _complete(sides, filled)

    def _formed(self, pair: Pair, rng: random.Random) -> Pair:
        """Alters how the source is written."""
        source, target = pair
        draw = rng.random()
        if draw < 0.4:
            return source[:1] + source[1:].lower(), target
        if draw < 0.55:
            source = without_accents(source)
            return source[:1] + source[1:].lower(), target
        if draw < 0.9:
            return without_accents(source).lstrip("¿¡"), target
        return source.rstrip(".!?¿¡"), target.rstrip(".!?")


def _complete(sides: list[str], filled: list[str]) -> Pair:
    """Writes what is filled in; "" is a mask, numbered as in the source."""
    pattern = f"{_STAND_IN}([0-9]+){_STAND_IN}"
    order = [int(k) for k in re.findall(pattern, sides[0])]
    masked = [k for k in dict.fromkeys(order) if not filled[k]]
    masks = {k: chr(_FIRST + i % MASKS) for i, k in enumerate(masked)}

    def value(match: re.Match[str]) -> str:
        k = int(match[1])
        return masks.get(k) or filled[k]

    source, target = (re.sub(pattern, value, side) for side in sides)
    return unicodedata.normalize("NFC", source), unicodedata.normalize(
        "NFC", target
    )
