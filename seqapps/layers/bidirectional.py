"""Both directions of a sequence."""

import keras


@keras.saving.register_keras_serializable(package="seqapps")
class Bidirectional(keras.layers.Bidirectional):
    """Walks a sequence in both directions: Keras's, with its mask mended.

    Keras's own raises an error where a stateful layer that returns its states
    meets a mask. The arguments are those of `keras.layers.Bidirectional`.

    Example:
        ```python
        layer = seqapps.layers.Bidirectional(seqapps.layers.GRU(5))
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 10)
        ```
    """

    def compute_mask(self, sequences, mask):
        mask = keras.tree.flatten(mask)[0] if self.return_sequences else None
        return mask if self.merge_mode else (mask, mask)  # none for states
