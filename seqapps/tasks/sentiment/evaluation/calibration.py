"""Probabilities to be believed: temperature, and the error that is left."""

import numpy as np


def temperature(logits: np.ndarray, classes: np.ndarray) -> float:
    """The temperature of the likeliest probabilities.

        T = argmin_T - mean_i log softmax(z_i / T)[y_i]

    by golden sections of log T, between 1/20 and 20. (Guo et al., On
    Calibration of Modern Neural Networks, 2017, section 4.2.)

    Args:
        logits: `(texts, classes)`, of texts that were not trained on.
        classes: `(texts,)`, the right ones.
    """
    low, high = -np.log(20), np.log(20)
    ratio = (np.sqrt(5) - 1) / 2
    while high - low > 1e-4:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if _loss(logits / np.exp(left), classes) < _loss(
            logits / np.exp(right), classes
        ):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def _loss(logits: np.ndarray, classes: np.ndarray) -> float:
    logits = logits - logits.max(-1, keepdims=True)
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return -float(np.mean(logs[np.arange(len(classes)), classes]))


def bins(chances: np.ndarray, right: np.ndarray, count: int = 15) -> tuple:
    """Sorts probabilities of labels into bins of one width.

    Args:
        chances: `(texts,)` probabilities of what was said.
        right: `(texts,)` whether it was right.
        count: how many bins.

    Returns:
        Of each bin: the share of all texts, the mean probability, and the
        share that is right, `(count,)` each; NaN in an empty bin.
    """
    place = np.clip((np.asarray(chances) * count).astype(int), 0, count - 1)
    sizes = np.bincount(place, minlength=count).astype(float)
    with np.errstate(invalid="ignore"):
        said = np.bincount(place, chances, count) / sizes
        true = np.bincount(place, np.asarray(right, float), count) / sizes
    return sizes / len(place), said, true


def error(chances: np.ndarray, right: np.ndarray, count: int = 15) -> float:
    """Expected calibration error: sum_b share_b |right_b - probability_b|."""
    share, said, true = bins(chances, right, count)
    return float(np.nansum(share * np.abs(true - said)))
