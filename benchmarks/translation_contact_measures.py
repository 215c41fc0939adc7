"""The arithmetic of translation_contact.py: what stands, and what agrees."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np


class Said(NamedTuple):
    """What a model says of each text; None where it gives no such figure."""

    texts: list[str]
    scores: list[float]
    quality: list[float | None]
    unsure: list[bool | None]


def translate(translator: Any, texts: Sequence[str]) -> Said:
    """The best translation of each text."""
    from seqapps.text.strings import batches_by_length

    said = Said(*([None] * len(texts) for _ in Said._fields))
    for batch in batches_by_length(texts, 64):
        result = translator.translate([texts[i] for i in batch])
        for name, column in zip(Said._fields, said, strict=True):
            values = result.get(name, [None] * len(batch))
            for i, value in zip(batch, values, strict=True):
                column[i] = value[0] if isinstance(value, list) else value
    return said


def occurrences(string: str, text: str) -> int:
    """How often a string stands in a text, not as part of a word or number."""
    before = r"(?<!\w)" if re.match(r"\w", string) else ""
    before += r"(?<!\d[.,:])" if string[0].isdigit() else ""
    after = r"(?!\w)(?![.,:]\d)" if re.search(r"\w$", string) else ""
    return len(re.findall(before + re.escape(string) + after, text))


def lost(kept: str, text: str) -> list[str]:
    """The strings of a cell of `kept` that a text lacks."""
    wanted = Counter(kept.split(" | ")) if kept else Counter()
    found = Counter({string: occurrences(string, text) for string in wanted})
    return list((wanted - found).elements())


def ranks(values: Sequence[float]) -> np.ndarray:
    """Ranks from 1; equal values share the mean of theirs."""
    _, places, counts = np.unique(
        np.asarray(values, float), return_inverse=True, return_counts=True
    )
    return (counts.cumsum() - (counts - 1) / 2)[places]


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """The correlation of ranks; NaN if all values of a side are equal."""
    a, b = ranks(first), ranks(second)
    if not a.std() or not b.std():
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def sentence_chrf(text: str, reference: str) -> float:
    """The chrF of one translation."""
    from sacrebleu.metrics.chrf import CHRF

    return CHRF().sentence_score(text, [reference]).score
