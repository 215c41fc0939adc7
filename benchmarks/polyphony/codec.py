"""A roll is what it is: the codec has nothing to say."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="polyphony")
class RollCodec(tf.Module):
    """Has no settings."""

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls()
