"""Both directions of a sequence."""

import keras

from seqapps.layers.rnn import RNN
from seqapps.layers.walks import cudnn
from seqapps.private import FusedDirections


@keras.saving.register_keras_serializable(package="seqapps")
class Bidirectional(FusedDirections, keras.layers.Bidirectional):
    """Walks a sequence in both directions: Keras's, with its mask mended.

    Keras's own raises an error where a stateful layer that returns its states
    meets a mask. The arguments are those of `keras.layers.Bidirectional`.

    Each direction chooses its walk; see `RNN`. On JAX and a GPU two LSTMs
    that cuDNN can walk go there in one call, as Keras's do.

    Example:
        ```python
        layer = seqapps.layers.Bidirectional(seqapps.layers.GRU(5))
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 10)
        ```
    """

    def compute_mask(self, sequences, mask):
        mask = keras.tree.flatten(mask)[0] if self.return_sequences else None
        return mask if self.merge_mode else (mask, mask)  # none for states

    def can_fuse(self, function, states, mask, initial_state):
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
            and layer.activity_regularizer is None  # no call would see it
            and layer.built
            for layer in both
        ) and (
            forward.cell.units == backward.cell.units
            and backward.go_backwards
            and self.compute_dtype == "float32"
        )

    def after_fusion(self):
        self.forward_layer.walk = self.backward_layer.walk = "cudnn"
