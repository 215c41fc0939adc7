"""Search: the best translations of pieces, and what is seen of them."""

from typing import Any

import tensorflow as tf

from seqapps import decoding, text
from seqapps.decoding.scores import length_divisor
from seqapps.tasks.translation.blocks.memory import Memory
from seqapps.tasks.translation.codec import quality
from seqapps.tasks.translation.codec.base import shift_right
from seqapps.tasks.translation.codec.canonical import canonicalise
from seqapps.tasks.translation.codec.passages import finish, prepare
from seqapps.tasks.translation.whole_texts import Hypotheses, languages_of


def search(
    model: Any, codec: Any, texts: tf.Tensor, **options: Any
) -> Hypotheses:
    """Searches for the best translations of `(batch,)` pieces.

    Args:
        model: a `TranslationNetwork`.
        codec: its `PairCodec`.
        texts: as the translator knows them; see `passages`.
        **options: of `decoding.beam_search`.
    """
    ids = codec.inputs(texts)  # (batch, S)
    memory, states = model.encode(ids)
    beams = _search(model, ids, memory, states, **options)
    names = "length_penalty", "coverage_penalty"
    penalties = {name: options[name] for name in names}
    hypotheses, tokens, scores, attention = canonicalise(
        codec,
        beams,
        tf.shape(ids)[1],
        lambda rows, tokens: forced_decoding(
            model,
            tokens,
            memory.take(rows),
            _take(states, rows),
            **penalties,
        )[2:],
    )
    found = Hypotheses(
        hypotheses, scores, attention, ids, tokens, tf.zeros_like(scores)
    )
    if not codec.quality:
        return found
    seen = _features(codec, texts, found, options["length_penalty"])
    is_none = (ids[:, :1] == text.END) | (tokens[..., 0] == text.PAD)
    return found._replace(quality=tf.where(is_none, 0.0, codec.quality(seen)))


def observe(model: Any, codec: Any, **options: Any) -> Any:
    """A function from texts, a sentence each, to what is seen of them.

    Args:
        model: a `TranslationNetwork`.
        codec: its `PairCodec`.
        **options: of `decoding.beam_search`.

    Returns:
        A graph function that returns translations `(batch,)` and their
        `quality.FEATURES`, `(batch, features)`.
    """

    def observed(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        parts = prepare(
            texts,
            split=False,
            languages=languages_of(codec),
            casing=codec.casing,
            names=codec.names,
        )
        found = search(model, codec, parts.texts, **options)
        penalty = options["length_penalty"]
        seen = _features(codec, parts.texts, found, penalty)
        said, _ = finish(parts, found.texts, found.scores)
        return said[:, 0], seen[:, 0]

    signature = [tf.TensorSpec([None], tf.string)]
    return tf.function(observed, signature, autograph=False)


def _features(
    codec: Any, texts: tf.Tensor, found: Hypotheses, length_penalty: Any
) -> tf.Tensor:
    """`quality.features` of what was found."""
    lengths = tf.reduce_sum(tf.cast(found.targets != text.PAD, tf.int32), -1)
    log_p = found.scores * length_divisor(lengths, length_penalty)
    log_p /= tf.maximum(tf.cast(lengths, tf.float32), 1.0)
    return quality.features(
        codec, texts, found.sources, found.targets, found.attention, log_p
    )


def _search(
    model: Any,
    ids: tf.Tensor,
    memory: Memory,
    states: list[Any],
    **options: Any,
) -> decoding.Beams:
    """Searches for the n-best targets of sources `(batch, S)`."""

    def step(tokens, states):
        logits, states, weights = model.step(tokens, states, memory)
        return (logits, states, weights) if model.attend else (logits, states)

    visible = ids != text.PAD
    length = tf.reduce_sum(tf.cast(visible, tf.int32), 1) - 1  # without END
    unknown = tf.range(model.arguments["target"]) == text.UNKNOWN
    return decoding.beam_search(
        step,
        states,
        tf.fill([tf.shape(ids)[0]], text.END),
        limits=tf.where(length == 0, 1, 2 * length + 10),
        banned=unknown,
        visible=visible,
        **options,
    )


def forced_decoding(
    model: Any,
    targets: tf.Tensor,
    memory: Memory,
    states: list[Any],
    **penalties: Any,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Scores targets `(batch, T)` under the model.

    Returns:
        Log-probabilities, lengths and scores, `(batch,)` each, and attention
        weights `(batch, T, S)`.
    """
    logits, attention = model.decode(shift_right(targets), memory, states)
    visible = targets != text.PAD  # (batch, T)
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    log_p = -tf.reduce_sum(tf.where(visible, nats, 0.0), 1)  # (batch,)
    lengths = tf.reduce_sum(tf.cast(visible, tf.int32), 1)
    attention = tf.where(visible[..., tf.newaxis], attention, 0.0)
    scores = decoding.score_hypotheses(
        log_p,
        lengths,
        tf.reduce_sum(attention, 1) if model.attend else None,
        visible=memory.mask,
        **penalties,
    )
    return log_p, lengths, scores, attention


def _take(states: list[Any], rows: tf.Tensor) -> list[Any]:
    return tf.nest.map_structure(lambda x: tf.gather(x, rows), states)
