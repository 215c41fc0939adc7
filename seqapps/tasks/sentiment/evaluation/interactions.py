"""How much two words say together, beyond what each says alone."""

from typing import Any

import tensorflow as tf

from seqapps.tasks.sentiment.evaluation.attributions import log_odds

GAPS = (1, 2)  # pairs of neighbours, and of words with one between
_ROWS = 128  # texts that are classified together: bounds the memory


def interactions(
    model: Any, inputs: tf.Tensor, temperature: float
) -> tuple[tf.Tensor, ...]:
    """Interactions of pairs of words in the log-odds of the predicted class.

        I_tu = F(x) - F(x without t) - F(x without u) + F(x without t and u)

    F: see `attributions.integrated_gradients`. Without a word its vector is 0,
    the blank word that is the baseline there, and the n-grams that hold it are
    gone. (Grabisch and Roubens, An Axiomatic Approach to the Concept of
    Interaction, 1999: this is the second difference of their index, with all
    other words present.)

    Args:
        model: a `TextNetwork`.
        inputs: `(batch, time, columns)` ids.
        temperature: divides the logits; see `codec`.

    Returns:
        For each gap of `GAPS`, I of words t and t + gap, `(batch, time)`; 0
        where there is no word t + gap.
    """
    batch, time = tf.shape(inputs)[0], tf.shape(inputs)[1]
    mask = inputs[..., 0] != 0  # (batch, time)
    whole = model.classify(model.word_vectors(inputs), mask) / temperature
    predicted = tf.argmax(whole, -1)  # (batch,)
    whole = log_odds(whole, predicted)
    sets = 1 + len(GAPS)  # {t}, and {t, t + gap} for each gap
    chunk = tf.maximum(_ROWS // (sets * tf.maximum(batch, 1)), 1)

    def without(start: tf.Tensor) -> tf.Tensor:
        """F without t, and without each pair, `(sets, chunk, batch)`."""
        first = start + tf.range(chunk)  # (chunk,)
        blank = [tf.one_hot(first, time, True, False, dtype=tf.bool)]
        for gap in GAPS:
            other = tf.one_hot(first + gap, time, True, False, dtype=tf.bool)
            blank.append(blank[0] | other)
        variants = _without(inputs, tf.concat(blank, 0))
        count = tf.shape(variants)[0]
        flat = tf.reshape(variants, [count * batch, time, inputs.shape[-1]])
        logits = model.classify(
            model.word_vectors(flat), tf.tile(mask, [count, 1])
        )
        odds = log_odds(logits / temperature, tf.tile(predicted, [count]))
        return tf.reshape(odds, [sets, chunk, batch])

    starts = tf.range(0, time, chunk)
    parts = tf.map_fn(
        without,
        starts,
        parallel_iterations=1,
        fn_output_signature=tf.TensorSpec([sets, None, None], whole.dtype),
    )  # (chunks, sets, chunk, batch)
    odds = tf.transpose(parts, [1, 3, 0, 2])
    odds = tf.reshape(odds, [sets, batch, -1])[..., :time]
    alone, found = odds[0], []
    for k, gap in enumerate(GAPS, 1):
        other = _shift(alone, gap)  # (batch, time), of t + gap
        value = whole[:, tf.newaxis] - alone - other + odds[k]
        found.append(tf.where(_shift(mask, gap), value, 0.0))
    return tuple(found)


def _without(inputs: tf.Tensor, blank: tf.Tensor) -> tf.Tensor:
    """Ids without some words and without the n-grams that hold them.

    Args:
        inputs: `(batch, time, columns)`; column c has an n-gram of c + 1 words
            that ends there.
        blank: `(variants, time)`, True for a word that is left out.

    Returns:
        `(variants, batch, time, columns)`.
    """
    gone, columns = blank, [blank]
    for n in range(1, inputs.shape[-1]):
        gone |= _shift(blank, -n)
        columns.append(gone)
    gone = tf.stack(columns, -1)[:, tf.newaxis]
    return tf.where(gone, 0, inputs[tf.newaxis])


def _shift(values: tf.Tensor, steps: int) -> tf.Tensor:
    """values[:, t + steps], `(rows, time)`; 0 or False beyond an end."""
    before, after = max(-steps, 0), max(steps, 0)
    time = tf.shape(values)[1]
    padded = tf.pad(values, [[0, 0], [before, after]])
    return padded[:, after : after + time]
