"""Classes that files of release 0.1 name otherwise than we do."""

import keras

from seqapps.layers.attention import BahdanauAttention


@keras.saving.register_keras_serializable(package="seqapps")
class AdditiveAttention(BahdanauAttention):
    """The name of `BahdanauAttention` in release 0.1.

    Files name it: Keras finds the class by its registered name, and the
    weights of a functional model by the name of the class.
    """
