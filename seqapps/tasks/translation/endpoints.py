"""The translator's graph functions, with plain strings at both ends."""

import tensorflow as tf

from seqapps import decoding, text
from seqapps.export import demand
from seqapps.tasks.translation.codec.base import shift_right
from seqapps.tasks.translation.codec.limits import WIDEST
from seqapps.tasks.translation.options import TranslateOptions

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
        beam=TranslateOptions.beam,
        nbest=TranslateOptions.nbest,
        length_penalty=TranslateOptions.length_penalty,
        coverage_penalty=TranslateOptions.coverage_penalty,
        no_repeat=TranslateOptions.no_repeat,
        minimum=TranslateOptions.minimum,
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
        memory, states = model.encode(ids)
        found = _search(
            model,
            ids,
            memory,
            states,
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
        said, tokens, scores, looks = _canonical(
            codec,
            found,
            tf.shape(ids)[1],
            lambda rows, tokens: _force(
                model,
                tokens,
                memory.take(rows),
                _rows(states, rows),
                **penalties,
            )[2:],
        )
        return {
            "texts": said,
            "scores": scores,
            "attention": looks,
            "source_tokens": codec.source.strings(ids),
            "target_tokens": codec.target.strings(tokens),
        }

    def score(
        texts,
        translations,
        length_penalty=TranslateOptions.length_penalty,
        coverage_penalty=TranslateOptions.coverage_penalty,
    ):
        same = tf.size(texts) == tf.size(translations)
        demand(same, "a translation for each text is wanted, not", same)
        sums, counts, scores, _ = _force(
            model,
            codec.targets(translations),
            *model.encode(codec.inputs(texts)),
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


def _search(model, ids, memory, states, **how) -> decoding.Beams:
    """The n-best numbers of each source `(batch, S)`."""

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


def _force(model, targets, memory, states, **penalties) -> tuple:
    """Log-probabilities of given targets: sums, counts, scores, attention."""
    logits, looks = model.decode(shift_right(targets), memory, states)
    said = targets != text.PAD  # (batch, T)
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    sums = -tf.reduce_sum(tf.where(said, nats, 0.0), 1)  # (batch,)
    counts = tf.reduce_sum(tf.cast(said, tf.int32), 1)
    looks = tf.where(said[..., tf.newaxis], looks, 0.0)  # (batch, T, S)
    scores = decoding.score_hypotheses(
        sums,
        counts,
        tf.reduce_sum(looks, 1) if model.attend else None,
        visible=memory.mask,
        **penalties,
    )
    return sums, counts, scores, looks


def _canonical(codec, found: decoding.Beams, places, force) -> tuple:
    """Texts, and what the network thinks of them as they are cut.

    A search may have cut a word as no text is cut: then the score of the text
    is taken. A text that was found twice is kept once.

    Args:
        codec: of the sub-words.
        found: by the search.
        places: S, of the sources.
        force: `force(sources, tokens) -> scores, attention` of given numbers
            `(rows, T)`, each of the source of that number.

    Returns:
        Texts, numbers, scores and attention, best first.
    """
    there = found.scores > _NEVER  # (batch, nbest)
    batch, nbest = tf.unstack(tf.shape(there))
    said = tf.where(there, codec.target.decode(found.tokens), "")
    told = codec.targets(tf.reshape(said, [-1]))  # (rows, T)
    tokens = tf.reshape(found.tokens, [batch * nbest, -1])
    longest = tf.maximum(tf.shape(told)[1], tf.shape(tokens)[1])
    told, tokens = _longer(told, longest), _longer(tokens, longest)
    differ = tf.reduce_any(told != tokens, -1) & tf.reshape(there, [-1])
    differ = tf.where(differ)  # (some, 1)
    scores = tf.reshape(found.scores, [-1])
    looks = found.attention_weights
    if looks is None:
        looks = tf.zeros([batch, nbest, longest, places])
    looks = tf.reshape(looks, [batch * nbest, -1, places])
    looks = _longer(looks, longest)  # (rows, T, S)

    def again():
        rows = differ[:, 0]
        right = tf.gather(told, rows)
        new, seen = force(rows // tf.cast(nbest, tf.int64), right)
        seen += tf.zeros([places])  # one place, where there is no attention
        return (
            tf.tensor_scatter_nd_update(tokens, differ, right),
            tf.tensor_scatter_nd_update(scores, differ, new),
            tf.tensor_scatter_nd_update(looks, differ, seen),
        )

    tokens, scores, looks = tf.cond(
        tf.size(differ) > 0, again, lambda: (tokens, scores, looks)
    )
    scores = tf.reshape(scores, [batch, nbest])
    same = said[:, tf.newaxis] == said[:, :, tf.newaxis]
    before = tf.linalg.band_part(tf.ones([nbest, nbest], tf.int32), -1, 0)
    before -= tf.eye(nbest, dtype=tf.int32)  # (nbest, nbest): j before i
    twin = tf.reduce_any(same & (before > 0), -1)  # (batch, nbest)
    scores, order = tf.math.top_k(tf.where(twin, _NEVER, scores), nbest)
    said = tf.gather(said, order, batch_dims=1)
    order += nbest * tf.range(batch)[:, tf.newaxis]
    return (
        tf.where(scores > _NEVER, said, ""),
        tf.gather(tokens, order),
        scores,
        tf.gather(looks, order),
    )


def _longer(rows, length):
    """Rows `(rows, T, ...)` with zeros behind."""
    behind = [[0, 0]] * rows.shape.rank
    behind[1] = [0, length - tf.shape(rows)[1]]
    return tf.pad(rows, behind)


def _rows(states, rows):
    return tf.nest.map_structure(lambda x: tf.gather(x, rows), states)
