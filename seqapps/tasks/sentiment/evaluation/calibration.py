"""Temperature scaling, and the expected calibration error."""

import numpy as np


def fit_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The temperature that minimises the negative log-likelihood.

        T = argmin_T - mean_i sum_k y_ik log softmax(z_i / T)_k

    by golden-section search over log T, between 1/20 and 20. (Guo et al., On
    Calibration of Modern Neural Networks, 2017, section 4.2.)

    Args:
        logits: `(texts, classes)` of texts that were not trained on.
        targets: `(texts, classes)` probabilities, y: 1 for the right class.
    """
    low, high = -np.log(20), np.log(20)
    ratio = (np.sqrt(5) - 1) / 2
    while high - low > 1e-4:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if _nll(logits / np.exp(left), targets) < _nll(
            logits / np.exp(right), targets
        ):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def _nll(logits: np.ndarray, targets: np.ndarray) -> float:
    """The mean negative log-likelihood."""
    logits = logits - logits.max(-1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return -float(np.mean((targets * log_p).sum(-1)))


def reliability_bins(
    confidence: np.ndarray, correct: np.ndarray, count: int = 15
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sorts predictions by confidence into bins of equal width.

    Args:
        confidence: `(texts,)` probabilities of the predicted labels.
        correct: `(texts,)` whether the predictions are right.
        count: the number of bins.

    Returns:
        For each bin: its share of all texts, the mean confidence, and the
        accuracy, `(count,)` each; NaN in an empty bin.
    """
    bins = np.clip((np.asarray(confidence) * count).astype(int), 0, count - 1)
    sizes = np.bincount(bins, minlength=count).astype(float)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(bins, confidence, count) / sizes
        accuracy = np.bincount(bins, np.asarray(correct, float), count) / sizes
    return sizes / len(bins), mean, accuracy


def expected_calibration_error(
    confidence: np.ndarray, correct: np.ndarray, count: int = 15
) -> float:
    """sum_b share_b |accuracy_b - confidence_b| over `reliability_bins`."""
    share, mean, accuracy = reliability_bins(confidence, correct, count)
    return float(np.nansum(share * np.abs(accuracy - mean)))
