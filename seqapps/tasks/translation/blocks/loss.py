"""Cross entropy with label smoothing."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="seqapps")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross entropy between logits and smoothed labels.

        L = -(1 - s) log p_y - s / K sum_k log p_k

    Args:
        smoothing: s, the share of the label spread evenly over all K classes.
        reduction: see `keras.losses.Loss`.
        name: see `keras.losses.Loss`.

    Source:
        Szegedy et al. 2016, "Rethinking the Inception architecture", section 7.
    """

    def __init__(
        self,
        smoothing: float = 0.1,
        reduction: str = "sum",
        name: str = "smoothed_crossentropy",
    ):
        super().__init__(name=name, reduction=reduction)
        self.smoothing = smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        log_sum = ops.logsumexp(y_pred, axis=-1)  # (batch, T)
        y_true = ops.cast(y_true, "int32")[..., None]
        label_logits = ops.take_along_axis(y_pred, y_true, axis=-1)[..., 0]
        loss = log_sum - (1 - self.smoothing) * label_logits
        if self.smoothing:
            loss = loss - self.smoothing * ops.mean(y_pred, axis=-1)
        return loss

    def get_config(self) -> dict[str, Any]:
        return {
            "smoothing": self.smoothing,
            "reduction": self.reduction,
            "name": self.name,
        }
