"""The classifier's graph functions, with plain strings at one end."""

import tensorflow as tf

from seqapps.tasks.sentiment.evaluation import attributions

_TEXTS = tf.TensorSpec([None], tf.string)


def functions(model, codec) -> dict[str, tf.types.experimental.GenericFunction]:
    """What is exported: `classify`, `explain` and `serving_default`.

    Args:
        model: a `TextNetwork`.
        codec: of its words.
    """

    def answer(logits):
        chances = tf.nn.softmax(logits)  # (batch, classes)
        return {
            "label": codec.label_names(tf.argmax(logits, -1)),
            "probability": tf.reduce_max(chances, -1),
            "probabilities": chances,
            "labels": codec.label_names(tf.range(len(codec.labels))),
        }

    def classify(texts):
        logits = model(codec.inputs(texts), training=False)
        return answer(logits / codec.temperature)

    def explain(texts):
        words = codec.split(texts)  # (batch, None)
        inputs = codec.pad(codec.truncate(codec.ids(words)))
        logits, given, change = attributions.integrated_gradients(
            model, inputs, codec.temperature
        )
        tokens = codec.truncate(words).to_tensor("")  # (batch, time)
        missing = tf.shape(inputs)[1] - tf.shape(tokens)[1]
        return answer(logits) | {
            "tokens": tf.pad(tokens, [[0, 0], [0, missing]]),
            "contributions": given,
            "change": change,
        }

    def served(texts):  # every output has the batch first, for row formats
        found = classify(texts)
        shape = tf.shape(found["probabilities"])
        return found | {"labels": tf.broadcast_to(found["labels"], shape)}

    made = {"classify": classify, "explain": explain, "serving_default": served}
    return {
        name: tf.function(function, [_TEXTS], autograph=False)
        for name, function in made.items()
    }
