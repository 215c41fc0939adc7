"""Ordered classes: one score and thresholds between the classes."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="seqapps")
class ProportionalOdds(keras.layers.Layer):
    """Log-probabilities of ordered classes.

        P(y > k) = sigmoid(z - theta_k),  theta_1 < ... < theta_{K-1}
        theta_k = theta_1 + sum_{1 < i <= k} softplus(d_i)

    so that whatever raises z moves all classes the same way. As z says nothing
    of the classes' widths, K - 1 thresholds do. (McCullagh, Regression Models
    for Ordinal Data, 1980, section 2.)

    Args:
        classes: K, at least 2.
        **kwargs: `name`, `dtype`.

    Call arguments:
        z: `(batch, 1)`.

    Returns:
        log P(y = k), `(batch, K)`; as logits they give the probabilities.
    """

    def __init__(self, classes: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.classes = classes

    def build(self, shape: Any) -> None:
        low = 1.0 - self.classes / 2  # thresholds of distance 1, around 0
        self.lowest = self.add_weight(
            shape=(1,), initializer=keras.initializers.Constant(low)
        )
        self.distances = self.add_weight(
            shape=(self.classes - 2,),
            initializer=keras.initializers.Constant(0.5413),  # softplus^-1(1)
        )
        self.built = True

    def thresholds(self) -> Any:
        """theta, `(classes - 1,)`."""
        rise = ops.cumsum(ops.softplus(self.distances))
        return ops.concatenate([self.lowest, self.lowest + rise])

    def call(self, z: Any) -> Any:
        gap = ops.softplus(self.distances)  # theta_k - theta_{k-1}
        above = z - self.thresholds()  # (batch, classes - 1)
        # s(a) - s(b) = s(a) s(-b) (1 - exp(b - a)), without cancellation
        between = (
            ops.log_sigmoid(above[:, :-1])
            + ops.log_sigmoid(-above[:, 1:])
            + ops.log(-ops.expm1(-gap))
        )
        lowest = ops.log_sigmoid(-above[:, :1])
        highest = ops.log_sigmoid(above[:, -1:])
        return ops.concatenate([lowest, between, highest], axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "classes": self.classes}
