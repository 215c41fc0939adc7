"""The graph functions that a classifier exports: texts in, labels out."""

from typing import Any

import tensorflow as tf

from seqapps.export import demand
from seqapps.tasks.sentiment.evaluation import abstention
from seqapps.tasks.sentiment.options import ClassifyOptions
from seqapps.tasks.sentiment.reader import Reader

_TEXTS = tf.TensorSpec([None], tf.string)
_REAL = tf.TensorSpec([], tf.float32)


def functions(
    model: Any, codec: Any, reader: Any = None
) -> dict[str, tf.types.experimental.GenericFunction]:
    """Builds `classify`, `explain` and `serving_default`.

    Args:
        model: a `TextNetwork`.
        codec: its `TextCodec`.
        reader: reads texts in place of these two; it has the same classes.
    """
    reader, labels = reader or Reader(model, codec), codec.labels
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
