"""The task: its name and its functions."""

import math
from typing import Annotated, Literal

from benchmarks.polyphony.data import KEYS, load_data
from seqapps.console.arguments import Count, Dropout, Range, checked
from seqapps.task import Task


@checked
def build_model(
    codec,
    *,
    head: Literal["independent", "nade", "tied"] = "tied",
    units: Count = 48,
    layers: Annotated[int, Range(1, 3)] = 1,
    dropout: Dropout = 0.2,
    hidden: Count = 64,
    whole: Count = 150,
    around: Count = 12,
):
    """Builds and compiles a network.

    Args:
        codec: of the data.
        head: keys that are independent given the past; a NADE; or keys one
            after the other, by one network for all keys.
        units: of each recurrent layer; of "tied", for each key.
        layers: recurrent layers.
        dropout: share of activations that training drops.
        hidden: units of the head.
        whole: of "tied": units of the network that sees all keys.
        around: of "tied": keys on either side that a key sees.
    """
    import keras

    from benchmarks.polyphony import network

    if head == "independent":
        model = network.Independent(KEYS, units, layers, dropout)
    elif head == "nade":
        model = network.RecurrentNADE(KEYS, units, layers, dropout, hidden)
    else:
        model = network.TiedKeys(
            KEYS, units, layers, dropout, hidden, whole, around
        )
    model(keras.ops.zeros((1, 2, 2 * KEYS)))
    model.compile(
        keras.optimizers.Adam(0.002, global_clipnorm=1.0), network.FrameLoss()
    )
    return model


class Likelihood:
    """Nats of frames, by the model.

    Args:
        model: a `RollModel`.
        codec: of the data.
    """

    def __init__(self, model, codec):
        import tensorflow as tf

        self.model, self.codec = model, codec

        def nats(rolls):
            inputs = tf.concat([rolls[:, :-1], rolls[:, 1:]], -1)
            loss = model.loss.call(rolls[:, 1:], model(inputs))
            return {"nats": loss}

        spec = [tf.TensorSpec([None, None, KEYS])]
        function = tf.function(nats, input_signature=spec, autograph=False)
        self.functions = {"nats": function, "serving_default": function}

    def nats(self, rolls):
        """Returns the nats of each frame but the first of each roll."""
        from seqapps import export

        return export.call(self.functions["nats"], rolls)["nats"]


def score(
    likelihood, data, *, split: Literal["validation", "test"] = "test"
) -> dict[str, float]:
    """Measure the negative log-likelihood a time step.

    It is summed over the keys and divided by all steps that are scored, those
    of all pieces together. It is exact, no bound.

    Args:
        likelihood: a `Likelihood`.
        data: what `load_data` returned.
        split: which pieces.
    """
    batches = data.valid if split == "validation" else data.test
    nats, steps, means = [], 0, []
    for inputs, y, weights in batches:
        rolls = _whole(inputs, y)
        each = likelihood.functions["nats"](rolls)["nats"] * weights
        nats.append(float(each.numpy().sum()))
        count = int(weights.numpy().sum())
        means.append(nats[-1] / count)
        steps += count
    return {
        "nats a step": math.fsum(nats) / steps,
        "mean over pieces": math.fsum(means) / len(means),
        "steps": float(steps),
        "pieces": float(len(means)),
    }


def _whole(inputs, y):
    import tensorflow as tf

    return tf.concat([inputs[:, :1, :KEYS], y], 1)


def nats(likelihood, *texts):
    """Say what to do."""
    print("this task has no verb of its own: use evaluate")


TASK = Task("polyphony", load_data, build_model, Likelihood, score, nats)
