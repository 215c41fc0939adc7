"""The translator's graph functions, with plain strings at both ends."""

import tensorflow as tf

from seqapps import decoding, text
from seqapps.export import demand
from seqapps.tasks.translation.codec import shifted
from seqapps.tasks.translation.decode import WIDEST

_TEXTS = tf.TensorSpec([None], tf.string)
_NUMBER = tf.TensorSpec([], tf.int32)
_REAL = tf.TensorSpec([], tf.float32)
_NEVER = -float("inf")


def functions(model, codec) -> dict[str, tf.types.experimental.GenericFunction]:
    """What is exported: `translate`, `score` and `serving_default`.

    Args:
        model: a `TranslationNetwork`.
        codec: of its sub-words.
    """

    def translate(
        texts,
        beam=5,
        nbest=1,
        length_penalty=1.0,
        coverage_penalty=0.0,
        no_repeat=0,
        minimum=0,
    ):
        right = (beam >= 1) & (beam <= WIDEST)
        demand(right, f"beam is 1 to {WIDEST}, not", beam)
        demand((nbest >= 1) & (nbest <= beam), "nbest is 1 to beam, not", nbest)
        demand(
            (length_penalty >= 0) & (coverage_penalty >= 0),
            "penalties are 0 or more, not",
            tf.minimum(length_penalty, coverage_penalty),
        )
        demand(
            (no_repeat >= 0) & (minimum >= 0),
            "no_repeat and minimum are 0 or more, not",
            tf.minimum(no_repeat, minimum),
        )
        ids = codec.inputs(texts)  # (batch, S)
        found = _search(
            model,
            ids,
            beam=tf.clip_by_value(beam, 1, WIDEST),  # checks come in no order
            nbest=tf.clip_by_value(nbest, 1, tf.clip_by_value(beam, 1, WIDEST)),
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
            no_repeat=no_repeat,
            minimum=minimum,
        )
        penalties = {
            "length_penalty": length_penalty,
            "coverage_penalty": coverage_penalty,
        }
        said, scores, tokens, looks = _canonical(
            model, codec, ids, found, penalties
        )
        return {
            "texts": said,
            "scores": scores,
            "attention": looks,
            "source_tokens": codec.source.strings(ids),
            "target_tokens": codec.target.strings(tokens),
        }

    def score(texts, translations, length_penalty=1.0, coverage_penalty=0.0):
        same = tf.size(texts) == tf.size(translations)
        demand(same, "a translation for each text is wanted, not", same)
        sums, counts, scores, _ = _force(
            model,
            codec.inputs(texts),
            codec.targets(translations),
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
        )
        return {"scores": scores, "log_probability": sums, "tokens": counts}

    def short(texts):
        return translate(texts)

    whole = [_TEXTS, _NUMBER, _NUMBER, _REAL, _REAL, _NUMBER, _NUMBER]
    signatures = {
        "translate": (translate, whole),
        "score": (score, [_TEXTS, _TEXTS, _REAL, _REAL]),
        "serving_default": (short, [_TEXTS]),
    }
    return {
        name: tf.function(function, signature, autograph=False)
        for name, (function, signature) in signatures.items()
    }


def _search(model, ids, **how) -> decoding.Beams:
    """The n-best numbers of each source `(batch, S)`."""
    memory, states = model.encode(ids)

    def step(tokens, states):
        logits, states, looks = model.step(tokens, states, memory)
        return (logits, states, looks) if model.attend else (logits, states)

    there = ids != text.PAD
    length = tf.reduce_sum(tf.cast(there, tf.int32), 1) - 1  # without the end
    unknown = tf.range(model.arguments["target"]) == text.UNKNOWN
    return decoding.beam_search(
        step,
        states,
        tf.fill([tf.shape(ids)[0]], text.END),
        limits=tf.where(length == 0, 1, 2 * length + 10),
        banned=unknown,
        visible=there,
        **how,
    )


def _force(model, ids, targets, *, length_penalty, coverage_penalty) -> tuple:
    """Log-probabilities of given targets: sums, counts, scores, attention."""
    logits, looks = model.look((ids, shifted(targets)))
    said = targets != text.PAD  # (batch, T)
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    sums = -tf.reduce_sum(tf.where(said, nats, 0.0), 1)  # (batch,)
    counts = tf.reduce_sum(tf.cast(said, tf.int32), 1)
    looks = tf.where(said[..., tf.newaxis], looks, 0.0)  # (batch, T, S)
    scores = decoding.score(
        sums,
        counts,
        tf.reduce_sum(looks, 1) if model.attend else None,
        length_penalty=length_penalty,
        coverage_penalty=coverage_penalty,
        visible=ids != text.PAD,
    )
    return sums, counts, scores, looks


def _canonical(model, codec, ids, found: decoding.Beams, penalties) -> tuple:
    """Texts, and what the network thinks of them as they are cut.

    A search may have cut a word as no text is cut: then the score of the text
    is taken. A text that was found twice is kept once.
    """
    there = found.scores > _NEVER  # (batch, nbest)
    batch, nbest = tf.unstack(tf.shape(there))
    said = tf.where(there, codec.target.decode(found.tokens), "")
    tokens = codec.targets(tf.reshape(said, [-1]))  # (batch * nbest, T)
    tokens = tf.reshape(tokens, [batch, nbest, -1])
    looks = found.looks
    if looks is None:
        looks = tf.zeros([*tf.unstack(tf.shape(found.tokens)), 1])
        looks += tf.zeros([tf.shape(ids)[1]])  # (batch, nbest, T, S)

    def again():
        flat = tf.reshape(tokens, [batch * nbest, -1])
        _, _, scores, looks = _force(
            model, tf.repeat(ids, nbest, axis=0), flat, **penalties
        )
        scores = tf.where(there, tf.reshape(scores, [batch, nbest]), _NEVER)
        looks += tf.zeros([tf.shape(ids)[1]])
        shape = [*tf.unstack(tf.shape(tokens)), tf.shape(ids)[1]]
        return scores, tokens, tf.reshape(looks, shape)

    scores, tokens, looks = tf.cond(
        _differ(tokens, found.tokens, there),
        again,
        lambda: (found.scores, found.tokens, looks),
    )
    same = said[:, tf.newaxis] == said[:, :, tf.newaxis]
    before = tf.linalg.band_part(tf.ones([nbest, nbest], tf.int32), -1, 0)
    before -= tf.eye(nbest, dtype=tf.int32)  # (nbest, nbest): j before i
    twin = tf.reduce_any(same & (before > 0), -1)  # (batch, nbest)
    scores, order = tf.math.top_k(tf.where(twin, _NEVER, scores), nbest)
    said, tokens, looks = (
        tf.gather(x, order, batch_dims=1) for x in (said, tokens, looks)
    )
    return tf.where(scores > _NEVER, said, ""), scores, tokens, looks


def _differ(a, b, there):
    """Whether rows of numbers differ, but for the padding at their ends."""
    width = tf.maximum(tf.shape(a)[2], tf.shape(b)[2])
    a, b = (
        tf.pad(x, [[0, 0], [0, 0], [0, width - tf.shape(x)[2]]]) for x in (a, b)
    )
    return tf.reduce_any(tf.reduce_any(a != b, -1) & there)
