"""The graph functions that a classifier exports: texts in, labels out."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from seqapps.export import demand
from seqapps.tasks.sentiment.evaluation import abstention
from seqapps.tasks.sentiment.options import ClassifyOptions

_TEXTS = tf.TensorSpec([None], tf.string)
_REAL = tf.TensorSpec([], tf.float32)


def functions(
    reader: Any, labels: Sequence[str]
) -> dict[str, tf.types.experimental.GenericFunction]:
    """Builds `classify`, `explain` and `serving_default`.

    Args:
        reader: a `Reader` or a `LengthReader`.
        labels: the names of its classes, in order.
    """
    can_be = abstention.can_be_neutral(labels)

    def classify(texts, neutral=ClassifyOptions.neutral):
        right = (neutral >= 0) & (neutral <= 0.5)
        demand(right, "neutral is 0 to 0.5, not", neutral)
        demand(can_be | (neutral == 0), abstention.NOT_NEUTRAL, neutral)
        results = reader.classify(reader.split(texts))
        if can_be:
            is_neutral = results["probability"] < 0.5 + neutral
            is_neutral &= neutral > 0
            results["label"] = tf.where(
                is_neutral, abstention.NEUTRAL, results["label"]
            )
        return results | {"labels": tf.constant(list(labels))}

    def explain(texts):
        results = reader.explain(reader.split(texts))
        return results | {"labels": tf.constant(list(labels))}

    def serving_default(texts):
        # servers with a row format want the batch first in every output
        results = classify(texts)
        shape = tf.shape(results["probabilities"])
        labels = tf.broadcast_to(results["labels"], shape)
        return results | {"labels": labels}

    signatures = {
        "classify": (classify, [_TEXTS, _REAL]),
        "explain": (explain, [_TEXTS]),
        "serving_default": (serving_default, [_TEXTS]),
    }
    return {
        name: tf.function(function, signature, autograph=False)
        for name, (function, signature) in signatures.items()
    }
