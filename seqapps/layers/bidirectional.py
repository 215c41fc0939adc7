"""The layer `Bidirectional`."""

from collections.abc import Sequence
from typing import Any

import keras

from seqapps.layers.rnn import RNN
from seqapps.layers.types import Tensor
from seqapps.layers.walks import cudnn
from seqapps.private import FusedDirections


@keras.saving.register_keras_serializable(package="seqapps")
class Bidirectional(FusedDirections, keras.layers.Bidirectional):
    """Runs a recurrent layer over a sequence in both directions.

    The arguments are those of `keras.layers.Bidirectional`, whose masks raise
    an error with a stateful layer that returns its states; here they work.

    Each direction chooses its walk; see `RNN`. On JAX and a GPU, two LSTMs
    that cuDNN supports run in one call, as Keras's do.

    Example:
        ```python
        layer = seqapps.layers.Bidirectional(seqapps.layers.GRU(5))
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 10)
        ```
    """

    def compute_mask(self, sequences: Any, mask: Any) -> Any:
        mask = keras.tree.flatten(mask)[0] if self.return_sequences else None
        return mask if self.merge_mode else (mask, mask)  # none for states

    def can_fuse(
        self,
        function: str,
        states: int,
        mask: Tensor | None,
        initial_state: Sequence[Tensor] | None,
    ) -> bool:
        if mask is not None or self.stateful:
            return False
        if initial_state is not None and len(initial_state) != states:
            return False
        both = forward, backward = self.forward_layer, self.backward_layer
        return all(
            isinstance(layer, RNN)
            and cudnn.function_of(layer.cell) == function
            and cudnn.unfit(layer) is None
            and not layer.cell.dropout
            and layer.activity_regularizer is None  # a fused call ignores it
            and layer.built
            for layer in both
        ) and (
            forward.cell.units == backward.cell.units
            and backward.go_backwards
            and self.compute_dtype == "float32"
        )

    def after_fusion(self) -> None:
        self.forward_layer.walked = self.backward_layer.walked = "cudnn"
