"""The task of parity.py with one fault for each check of the contract."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import keras
import parity
import tensorflow as tf

import seqapps


def no_test_data(*, rows: int = 71, batch_size: int = 16):
    """A split without rows."""
    data = parity.load_data(rows=rows, batch_size=batch_size)
    return replace(data, test=data.test.take(0))


def data_of_the_process(*, rows: int = 71, batch_size: int = 16):
    """Noise that is another in each process."""
    data = parity.load_data(rows=rows, batch_size=batch_size)
    noise = os.getpid() / 1e5
    return replace(data, train=data.train.map(lambda x, y: (x + noise, y)))


def data_from_the_start(*, rows: int = 71, batch_size: int = 16):
    """Resumed, the stream begins with the first batch."""
    data = parity.load_data(rows=rows, batch_size=batch_size)
    return replace(data, start=lambda step, seed: data.train.repeat())


def model_that_stands_still(codec, *, units: int = 5):
    """A learning rate of 0."""
    model = parity.build_model(codec, units=units)
    model.compile(keras.optimizers.SGD(0.0), model.loss)
    return model


def model_of_keras(codec, *, units: int = 5):
    """Gradients clipped before they are summed over the replicas."""
    model = parity.build_model(codec, units=units)
    model = keras.Model(model.inputs, model.outputs)
    optimizer = keras.optimizers.SGD(0.5, global_clipnorm=0.01)
    model.compile(optimizer, keras.losses.BinaryCrossentropy(True))
    return model


class Judge(parity.Judge):
    """One that computes p by another function of the logits."""

    def __init__(self, model, codec):
        super().__init__(model, codec)
        plain = self.functions["judge"].python_function

        def judge(bits):
            return {"odd": self.change(plain(bits)["odd"])}

        judge = tf.function(judge, [tf.TensorSpec([None], tf.string)])
        self.functions = {"judge": judge, "serving_default": judge}


class JudgeOfBatches(Judge):
    def change(self, p):
        return p - tf.reduce_mean(p)


class JudgeInPython(parity.Judge):
    def judge(self, bits):
        return [1 - p for p in super().judge(bits)]


class JudgeByNumpy(Judge):
    def change(self, p):
        p = tf.numpy_function(lambda p: p, [p], tf.float32)
        return tf.ensure_shape(p, [None])


def forgetful(model, x):
    """Steps without states."""
    return model(x[:, -1:])


def overwrites(judge, *texts, output: Path | None = None):
    """Write before the arguments are checked."""
    output.write_text("")
    raise seqapps.InputError("no bits")


def crashes(judge, *texts):
    """Raise no error of ours."""
    raise ValueError("no bits")


def talks(judge, *texts):
    """Say more than one line."""
    print("oh", file=sys.stderr)
    raise seqapps.InputError("no bits")


def goes_on(judge, *texts):
    """Do nothing of what is wrong."""
