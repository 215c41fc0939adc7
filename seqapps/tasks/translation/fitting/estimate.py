"""Fits how the quality of a translation is told from what is seen of it."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from seqapps.tasks.translation.fitting import logistic, unlike
from seqapps.text import strings

GOOD = 35.0  # the chrF of a translation that is good enough to be understood
_PAIRS = 500  # of each kind
_MADE = 80  # texts of each kind that cannot be translated
_BATCH = 32
_LEAST_LIMIT = 0.01  # of a model that translates nothing well

Pairs = Sequence[tuple[str, str]]


def fit_quality(
    observe: Any, kinds: dict[str, Pairs], most_words: int, seed: int = 0
) -> dict[str, Any]:
    """Fits the settings of `Quality`.

    Each kind of text has the same weight. Besides pairs there are texts that
    have no translation: random letters, shuffled and repeated words, and
    sentences of the target language; theirs are never good.

    Args:
        observe: from texts to translations and features; see
            `searching.observe`.
        kinds: pairs of a source and its reference that were not trained on,
            by kind. The first is of the kind that was.
        most_words: of a source; longer ones are left out.
        seed: of the choice.

    Returns:
        What `Quality` takes. The limit is where as large a share of what is
        good is unsure as of the rest is not.
    """
    draw = random.Random(seed)
    chosen = {
        name: draw.sample(pairs, min(_PAIRS, len(pairs)))
        for name, pairs in (
            (name, [p for p in pairs if len(p[0].split()) <= most_words])
            for name, pairs in kinds.items()
        )
        if pairs
    }
    first = next(iter(chosen.values()))
    some = draw.sample(first, min(_MADE, len(first)))
    foreign = unlike.make([source for source, _ in first], _MADE, seed)
    foreign["target"] = [target for _, target in some]
    features, good, share = [], [], []
    for pairs in chosen.values():
        said, seen = _observe(observe, [source for source, _ in pairs])
        features.append(seen)
        good.append(_is_good(said, [target for _, target in pairs]))
    for texts in foreign.values():
        features.append(_observe(observe, texts)[1])
        good.append(np.zeros(len(texts)))
    for rows in good:
        share.append(np.full(len(rows), 1 / len(rows) / len(good)))
    rows, targets = np.concatenate(features), np.concatenate(good)
    shares = np.concatenate(share)
    fitted = logistic.fit(rows, targets, shares)
    limit = _limit(fitted.predict(rows), targets, shares)
    return {
        "weights": [round(float(w), 5) for w in fitted.weights],
        "bias": round(fitted.bias, 5),
        "low": [round(float(x), 5) for x in fitted.low],
        "high": [round(float(x), 5) for x in fitted.high],
        "limit": max(round(limit, 4), _LEAST_LIMIT),
    }


def _observe(
    observe: Any, texts: Sequence[str]
) -> tuple[list[str], np.ndarray]:
    said = [""] * len(texts)
    seen: list[Any] = [None] * len(texts)
    for batch in strings.batches_by_length(texts, _BATCH):
        found, features = observe([texts[i] for i in batch])
        for i, text, row in zip(
            batch, found.numpy(), features.numpy(), strict=True
        ):
            said[i], seen[i] = text.decode(), row
    return said, np.array(seen, np.float64)


def _is_good(said: Sequence[str], references: Sequence[str]) -> np.ndarray:
    from sacrebleu.metrics.chrf import CHRF

    chrf = CHRF()
    scores = [
        chrf.sentence_score(text, [reference]).score
        for text, reference in zip(said, references, strict=True)
    ]
    return (np.array(scores) >= GOOD).astype(float)


def _limit(p: np.ndarray, good: np.ndarray, share: np.ndarray) -> float:
    """Where both kinds of error are as frequent."""
    order = np.argsort(p)
    bad = share * (1 - good)
    missed = 1 - np.cumsum(bad[order]) / max(bad.sum(), 1e-9)
    alarms = np.cumsum((share * good)[order]) / max((share * good).sum(), 1e-9)
    return float(p[order][np.argmin(np.abs(missed - alarms))])
