"""Fits the estimate of a translation's quality to what is seen of it."""

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
_ALARMS = 0.05  # share of what is good that is unsure
_LEAST_LIMIT = 0.01  # of a model that translates nothing well

Pairs = Sequence[tuple[str, str]]


def fit_quality(
    observe: Any, kinds: dict[str, Pairs], most_words: int, seed: int = 0
) -> dict[str, Any]:
    """Fits the settings of `Quality`.

    Each kind of text has the same weight. Besides pairs there are texts that
    have no translation, as many by weight: random letters, shuffled and
    repeated words, and sentences of the target language.

    Args:
        observe: from texts to translations and features; see
            `searching.observe`.
        kinds: pairs of a source and its reference that were not trained on,
            by kind. The first is of the kind that was.
        most_words: of a source; longer ones are left out.
        seed: of the choice.

    Returns:
        What `Quality` takes. The limit is below 95 % of the translations that
        are good enough.
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
    features, chrf = [], []
    for pairs in chosen.values():
        said, seen = _observe(observe, [source for source, _ in pairs])
        features.append(seen)
        chrf.append(_chrf(said, [target for _, target in pairs]))
    unlike_features = [_observe(observe, t)[1] for t in foreign.values()]
    targets, share = np.concatenate(chrf), _shares(features)
    everything = np.concatenate([*features, *unlike_features])
    low, high = logistic.limits(everything)
    everything = np.clip(everything, low, high)
    rows = everything[: len(targets)]
    quality = logistic.fit(rows, targets / 100, share)
    source = logistic.fit(
        everything,
        (np.arange(len(everything)) < len(rows)).astype(float),
        np.concatenate([share, _shares(unlike_features)]) / 2,
    )
    estimated = quality.predict(rows) * source.predict(rows)
    good = estimated[targets >= GOOD]
    limit = float(np.quantile(good, _ALARMS)) if len(good) else 0.0
    return {
        "weights": _rounded(quality.weights),
        "bias": round(quality.bias, 5),
        "source_weights": _rounded(source.weights),
        "source_bias": round(source.bias, 5),
        "low": _rounded(low),
        "high": _rounded(high),
        "limit": max(round(limit, 4), _LEAST_LIMIT),
    }


def _shares(parts: list[np.ndarray]) -> np.ndarray:
    """The weight of each row: each part has the same, and the sum is 1."""
    return np.concatenate(
        [np.full(len(rows), 1 / len(rows) / len(parts)) for rows in parts]
    )


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), 5) for value in values]


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


def _chrf(said: Sequence[str], references: Sequence[str]) -> np.ndarray:
    from sacrebleu.metrics.chrf import CHRF

    chrf = CHRF()
    return np.array(
        [
            chrf.sentence_score(text, [reference]).score
            for text, reference in zip(said, references, strict=True)
        ]
    )
