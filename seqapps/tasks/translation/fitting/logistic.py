"""Logistic regression on features of unlike size."""

from typing import Any, NamedTuple

import numpy as np

_RIDGE = 1e-2  # on weights of standardised features
_STEPS = 50
_TAIL = 0.005  # of each feature, beyond which it is cut


class Fitted(NamedTuple):
    """A map from features f to sigmoid(w f + b)."""

    weights: np.ndarray
    bias: float

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Probabilities `(rows,)` of `(rows, features)`."""
        return 1 / (1 + np.exp(-features @ self.weights - self.bias))


def limits(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest values, but for the rarest, of each column."""
    low, high = np.quantile(features, [_TAIL, 1 - _TAIL], axis=0)
    return low, high


def fit(features: np.ndarray, targets: np.ndarray, share: Any) -> Fitted:
    """Fits by Newton's method, with a penalty on large weights.

    Args:
        features: `(rows, features)`.
        targets: `(rows,)`, from 0 to 1.
        share: of each row, `(rows,)`, which sum to 1.
    """
    mean = share @ features
    scale = np.sqrt(share @ (features - mean) ** 2) + 1e-6
    rows = np.c_[(features - mean) / scale, np.ones(len(features))]
    ridge = np.full(rows.shape[1], _RIDGE)
    ridge[-1] = 0.0
    w = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-rows @ w))
        slope = rows.T @ (share * (p - targets)) + ridge * w
        curve = (rows.T * (share * p * (1 - p))) @ rows
        w -= np.linalg.solve(curve + np.diag(ridge + 1e-9), slope)
    weights = w[:-1] / scale
    return Fitted(weights, float(w[-1] - weights @ mean))
