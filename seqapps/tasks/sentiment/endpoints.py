"""The graph functions that a classifier exports: texts in, labels out."""

from typing import Any

import tensorflow as tf

from seqapps.tasks.sentiment.evaluation.attributions import integrated_gradients
from seqapps.tasks.sentiment.evaluation.interactions import interactions

_TEXTS = tf.TensorSpec([None], tf.string)


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

    def classify(texts):
        logits = model(codec.inputs(texts), training=False)
        return predictions(logits / codec.temperature)

    def explain(texts):
        words = codec.split(texts)  # (batch, None)
        inputs = codec.pad(codec.truncate(codec.ids(words)))
        logits, contributions, change = integrated_gradients(
            model, inputs, codec.temperature
        )
        neighbours, next_but_one = interactions(
            model, inputs, codec.temperature
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

    return {
        function.__name__: tf.function(function, [_TEXTS], autograph=False)
        for function in (classify, explain, serving_default)
    }
