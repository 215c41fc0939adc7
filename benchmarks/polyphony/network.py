"""Recurrent networks over piano rolls, with three heads over the keys.

Each gives an exact likelihood of the next frame y given those before it, a
product over its keys.
"""

import keras
import numpy as np
from keras import ops

from seqapps import layers as recurrent
from seqapps.training.train_step import TrainStep

OCTAVE = 12


@keras.saving.register_keras_serializable(package="polyphony")
class FrameLoss(keras.losses.Loss):
    """Nats of a frame: the sum of the cross-entropies of its keys."""

    def __init__(self, name="nats", reduction="sum", dtype=None):
        super().__init__(name, reduction, dtype)

    def call(self, y_true, y_pred):
        return ops.sum(
            ops.softplus(y_pred) - y_true * y_pred, axis=-1
        )  # (batch, time)


class RollModel(TrainStep, keras.Model):
    """What the networks share: they take the past and the target side by side.

    Args:
        keys: how many keys a frame has.
    """

    def __init__(self, keys, **kwargs):
        super().__init__(**kwargs)
        self.keys = keys

    def call(self, inputs, training=False):
        x, y = inputs[..., : self.keys], inputs[..., self.keys :]
        return self.frame_logits(x, y, training)


@keras.saving.register_keras_serializable(package="polyphony")
class Independent(RollModel):
    """Keys that are independent given the past.

        h_t = LSTM(x_1 ... x_t);  p(y_k) = sigmoid(v_k h_t + b_k)

    Args:
        keys: how many.
        units: of each layer.
        depth: layers.
        dropout: share of h that training drops.
    """

    def __init__(self, keys, units, depth, dropout, **kwargs):
        super().__init__(keys, **kwargs)
        self.recurrent = [
            recurrent.LSTM(units, return_sequences=True) for _ in range(depth)
        ]
        self.drop = keras.layers.Dropout(dropout)
        self.head = keras.layers.Dense(keys)

    def frame_logits(self, x, y, training):
        return self.head(self.past(x, training))

    def past(self, x, training):
        """Returns h, `(batch, time, units)`."""
        for layer in self.recurrent:
            x = self.drop(layer(x, training=training), training=training)
        return x


@keras.saving.register_keras_serializable(package="polyphony")
class RecurrentNADE(Independent):
    """A NADE whose biases the past gives (Boulanger-Lewandowski et al. 2012).

        a_k = c(h_t) + sum_{j<k} y_j w_j
        p(y_k | y_<k, past) = sigmoid(v_k sigmoid(a_k) + b_k(h_t))

    Larochelle and Murray, The Neural Autoregressive Distribution Estimator
    (2011).

    Args:
        keys: how many.
        units: of each layer.
        depth: layers.
        dropout: share of h that training drops.
        hidden: units of the NADE.
    """

    def __init__(self, keys, units, depth, dropout, hidden, **kwargs):
        super().__init__(keys, units, depth, dropout, **kwargs)
        self.hidden = hidden
        self.bias = keras.layers.Dense(hidden)

    def build(self, input_shape):
        small = keras.initializers.RandomNormal(stddev=0.05)
        shape = (self.keys, self.hidden)
        self.w = self.add_weight(shape=shape, initializer=small, name="w")
        self.v = self.add_weight(shape=shape, initializer=small, name="v")

    def frame_logits(self, x, y, training):
        h = self.past(x, training)
        added = y[..., None] * self.w  # (batch, time, keys, hidden)
        below = ops.cumsum(added, axis=-2) - added
        a = ops.sigmoid(below + self.bias(h)[..., None, :])
        return ops.sum(a * self.v, -1) + self.head(h)


@keras.saving.register_keras_serializable(package="polyphony")
class TiedKeys(RollModel):
    """One recurrent network for every key, so that it knows no key by name.

        f_tk = x_t around key k, x_t folded to an octave from k, k / keys
        h_tk = LSTM(f_1k ... f_tk), the same weights for all keys
        g_t = LSTM(x_1 ... x_t)
        b_tk = y just below key k, y below k folded to an octave from k
        p(y_k | y_<k, past) = sigmoid(u tanh(A h_tk + B g_t + C b_tk) + d_k)

    What it learns in one key it knows in all, after Johnson, Generating
    Polyphonic Music Using Tied Parallel Networks (2017).

    Args:
        keys: how many.
        units: of the network of each key, in each layer.
        depth: its layers.
        dropout: share of h and g that training drops.
        hidden: units of the tanh.
        whole: units of g.
        around: keys above and below that f sees; b sees twice as many below.
    """

    def __init__(
        self, keys, units, depth, dropout, hidden, whole, around, **kwargs
    ):
        super().__init__(keys, **kwargs)
        self.around = around
        self.each = [
            recurrent.LSTM(units, return_sequences=True) for _ in range(depth)
        ]
        self.whole = recurrent.LSTM(whole, return_sequences=True)
        self.drop = keras.layers.Dropout(dropout)
        self.of_each = keras.layers.Dense(hidden)
        self.of_whole = keras.layers.Dense(hidden, use_bias=False)
        self.of_below = keras.layers.Dense(hidden, use_bias=False)
        self.middle = keras.layers.Dense(hidden, activation="tanh")
        self.head = keras.layers.Dense(1)
        place = np.arange(keys)
        apart = place[:, None] - place  # of key j (row) from key k
        degree = apart[..., None] % OCTAVE == np.arange(OCTAVE)
        flat = (keys, keys * OCTAVE)
        self._fold = degree.reshape(flat).astype("float32")
        below = degree & (apart[..., None] < 0)
        self._fold_below = below.reshape(flat).astype("float32")

    def build(self, input_shape):
        self.key_bias = self.add_weight(
            shape=(self.keys,), initializer="zeros", name="key_bias"
        )

    def frame_logits(self, x, y, training):
        shape = ops.shape(x)
        batch, time = shape[0], shape[1]
        h = self._features(x)  # (batch, time, keys, features)
        h = ops.transpose(h, (0, 2, 1, 3))
        h = ops.reshape(h, (batch * self.keys, time, h.shape[-1]))
        for layer in self.each:
            h = self.drop(layer(h, training=training), training=training)
        h = ops.reshape(h, (batch, self.keys, time, h.shape[-1]))
        h = ops.transpose(h, (0, 2, 1, 3))  # (batch, time, keys, units)
        g = self.drop(self.whole(x, training=training), training=training)
        a = self.of_each(h) + self.of_whole(g)[..., None, :]
        a = ops.tanh(a + self.of_below(self._below(y)))
        a = self.middle(self.drop(a, training=training))
        return ops.squeeze(self.head(a), -1) + self.key_bias

    def _features(self, x):
        """What a key sees of a frame, `(batch, time, keys, features)`."""
        near = self._shifted(x, self.around, self.around)
        folded = self._folded(x, self._fold)
        place = np.linspace(-1, 1, self.keys, dtype="float32")[:, None]
        place = ops.broadcast_to(place, ops.shape(folded[..., :1]))
        notes = ops.sum(x, -1, keepdims=True)[..., None] / 4
        notes = ops.broadcast_to(notes, ops.shape(place))
        return ops.concatenate([near, folded, place, notes], -1)

    def _below(self, y):
        """What a key sees of the keys below it, in the frame to predict."""
        near = self._shifted(y, 2 * self.around, -1)
        folded = self._folded(y, self._fold_below)
        notes = ops.cumsum(y, -1) - y
        return ops.concatenate([near, folded, notes[..., None] / 4], -1)

    def _shifted(self, x, below, above):
        """The keys from `below` beneath to `above` over each, stacked."""
        padding = [[0, 0], [0, 0], [below, max(above, 0)]]
        padded = ops.pad(x, padding)
        return ops.stack(
            [padded[..., i : i + self.keys] for i in range(below + above + 1)],
            axis=-1,
        )

    def _folded(self, x, matrix):
        folded = ops.matmul(x, matrix)
        shape = ops.shape(folded)
        return ops.reshape(folded, (*shape[:2], self.keys, OCTAVE))
