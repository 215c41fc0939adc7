"""The loss: some of the probability for what was not said."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="seqapps")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross entropy with labels of which a share goes to all classes alike.

        L = -(1 - s) log p_y - s / K sum_k log p_k

    Args:
        smoothing: s.
        reduction: as of any Keras loss.
        name: of the loss.

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

    def call(self, y_true, y_pred):
        total = ops.logsumexp(y_pred, axis=-1)  # (batch, T)
        y_true = ops.cast(y_true, "int32")[..., None]
        own = ops.take_along_axis(y_pred, y_true, axis=-1)[..., 0]
        loss = total - (1 - self.smoothing) * own
        if self.smoothing:
            loss = loss - self.smoothing * ops.mean(y_pred, axis=-1)
        return loss

    def get_config(self) -> dict:
        return {
            "smoothing": self.smoothing,
            "reduction": self.reduction,
            "name": self.name,
        }
