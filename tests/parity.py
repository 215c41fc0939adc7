"""A task from outside the repository, in sixty lines."""

import keras
import tensorflow as tf

import seqapps
from seqapps.training import SequenceModel


@keras.saving.register_keras_serializable(package="parity")
class Codec(tf.Module):
    def encode(self, bits):
        return tf.strings.to_number(tf.strings.bytes_split(bits)).to_tensor()

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls()


def load_data(*, rows: int = 256, batch_size: int = 32):
    """Bits, and whether the last two differ."""
    x = tf.random.stateless_uniform([rows, 5], [1, 2])
    x = tf.cast(x > 0.5, tf.float32)
    y = tf.cast(x[:, -1] != x[:, -2], tf.float32)[:, None]
    batches = tf.data.Dataset.from_tensor_slices((x[..., None], y))
    batches = batches.batch(batch_size)
    return seqapps.Data(batches, batches, batches, Codec())


def build_model(codec, *, units: int = 16):
    """One recurrent layer."""
    x = keras.Input((None, 1))
    y = keras.layers.Dense(1)(seqapps.layers.GRU(units)(x))
    model = SequenceModel(x, y)
    loss = keras.losses.BinaryCrossentropy(True, reduction="sum")
    model.compile("adam", loss)
    return model


class Judge:
    def __init__(self, model, codec):
        self.model, self.codec = model, codec

        def judge(bits):
            x = codec.encode(bits)[..., None]
            return {"odd": tf.sigmoid(model(x))[:, 0]}

        judge = tf.function(judge, [tf.TensorSpec([None], tf.string)])
        self.functions = {"judge": judge, "serving_default": judge}

    def judge(self, bits):
        return seqapps.export.call(self.functions["judge"], bits)["odd"]


def score(judge, data, *, bits: str = "00001"):
    """How sure it is."""
    return {"sure": judge.judge([bits])[0]}


def judge(judge, *texts, loud: bool = False):
    """Judge bits."""
    print(" ".join(f"{p:.3f}" for p in judge.judge(list(texts))))


TASK = seqapps.Task("parity", load_data, build_model, Judge, score, judge)
if __name__ == "__main__":
    seqapps.cli.main(TASK)
