"""The graph functions that a classifier exports: texts in, labels out."""

from typing import Any

import tensorflow as tf

from seqapps.export import demand
from seqapps.tasks.sentiment.evaluation import abstention
from seqapps.tasks.sentiment.evaluation.attributions import integrated_gradients
from seqapps.tasks.sentiment.evaluation.interactions import interactions
from seqapps.tasks.sentiment.options import ClassifyOptions

_TEXTS = tf.TensorSpec([None], tf.string)
_REAL = tf.TensorSpec([], tf.float32)


def functions(
    model: Any, codec: Any
) -> dict[str, tf.types.experimental.GenericFunction]:
    """Builds `classify`, `explain` and `serving_default`.

    Args:
        model: a `TextNetwork`.
        codec: its `TextCodec`.
    """

    def predictions(logits):
        probabilities = tf.nn.softmax(logits)  # (batch, classes)
        results = {
            "label": codec.label_names(tf.argmax(logits, -1)),
            "probability": tf.reduce_max(probabilities, -1),
            "probabilities": probabilities,
            "labels": codec.label_names(tf.range(len(codec.labels))),
        }
        if model.ordinal:
            places = tf.range(1, len(codec.labels) + 1)
            places = tf.cast(places, probabilities.dtype)
            results["expected"] = tf.linalg.matvec(probabilities, places)
        return results

    def classify(texts, neutral=ClassifyOptions.neutral):
        can_be = abstention.can_be_neutral(codec.labels)
        right = (neutral >= 0) & (neutral <= 0.5)
        demand(right, "neutral is 0 to 0.5, not", neutral)
        demand(can_be | (neutral == 0), abstention.NOT_NEUTRAL, neutral)
        words = codec.split(texts)  # (batch, None)
        ids = codec.ids(words)
        inputs = codec.pad(codec.truncate(ids))
        logits = model(inputs, training=False)
        results = predictions(logits / codec.temperatures(inputs))
        if can_be:
            is_neutral = results["probability"] < 0.5 + neutral
            is_neutral &= neutral > 0
            results["label"] = tf.where(
                is_neutral, abstention.NEUTRAL, results["label"]
            )
        return results | {"unsure": codec.unsure(words, ids)}

    def explain(texts):
        words = codec.split(texts)  # (batch, None)
        inputs = codec.pad(codec.truncate(codec.ids(words)))
        logits, contributions, change = integrated_gradients(
            model, inputs, codec.temperatures(inputs)
        )
        neighbours, next_but_one = interactions(
            model, inputs, codec.temperatures(inputs)
        )
        tokens = codec.truncate(words).to_tensor("")  # (batch, time)
        missing = tf.shape(inputs)[1] - tf.shape(tokens)[1]
        return predictions(logits) | {
            "tokens": tf.pad(tokens, [[0, 0], [0, missing]]),
            "contributions": contributions,
            "change": change,
            "interactions": neighbours,
            "interactions_2": next_but_one,
        }

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
