"""The graph functions that a translator exports: texts in, texts out."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapps import decoding, text
from seqapps.export import demand
from seqapps.tasks.translation.blocks.memory import Memory
from seqapps.tasks.translation.codec.base import shift_right
from seqapps.tasks.translation.codec.limits import WIDEST
from seqapps.tasks.translation.options import TranslateOptions

_TEXTS = tf.TensorSpec([None], tf.string)
_NUMBER = tf.TensorSpec([], tf.int32)
_REAL = tf.TensorSpec([], tf.float32)
_NEVER = -float("inf")


def functions(
    model: Any, codec: Any
) -> dict[str, tf.types.experimental.GenericFunction]:
    """Builds `translate`, `score` and `serving_default`.

    Args:
        model: a `TranslationNetwork`.
        codec: its `PairCodec`.
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
        valid = (beam >= 1) & (beam <= WIDEST)
        demand(valid, f"beam is 1 to {WIDEST}, not", beam)
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
        beams = _search(
            model,
            ids,
            memory,
            states,
            beam=tf.clip_by_value(beam, 1, WIDEST),  # a check may run late
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
        hypotheses, tokens, scores, attention = _canonicalise(
            codec,
            beams,
            tf.shape(ids)[1],
            lambda rows, tokens: _forced_decoding(
                model,
                tokens,
                memory.take(rows),
                _take(states, rows),
                **penalties,
            )[2:],
        )
        return {
            "texts": hypotheses,
            "scores": scores,
            "attention": attention,
            "source_tokens": codec.source.strings(ids),
            "target_tokens": codec.target.strings(tokens),
        }

    def score(
        texts,
        translations,
        length_penalty=TranslateOptions.length_penalty,
        coverage_penalty=TranslateOptions.coverage_penalty,
    ):
        paired = tf.size(texts) == tf.size(translations)
        demand(paired, "a translation for each text is wanted, not", paired)
        log_p, lengths, scores, _ = _forced_decoding(
            model,
            codec.targets(translations),
            *model.encode(codec.inputs(texts)),
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
        )
        return {"scores": scores, "log_probability": log_p, "tokens": lengths}

    def serving_default(texts):
        return translate(texts)

    translate_signature = [
        _TEXTS,
        _NUMBER,
        _NUMBER,
        _REAL,
        _REAL,
        _NUMBER,
        _NUMBER,
    ]
    signatures = {
        "translate": (translate, translate_signature),
        "score": (score, [_TEXTS, _TEXTS, _REAL, _REAL]),
        "serving_default": (serving_default, [_TEXTS]),
    }
    return {
        name: tf.function(function, signature, autograph=False)
        for name, (function, signature) in signatures.items()
    }


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


def _forced_decoding(
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


def _canonicalise(
    codec: Any,
    beams: decoding.Beams,
    source_length: tf.Tensor,
    force: Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]],
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Gives each hypothesis the score of its text's own segmentation.

    A search may segment a word in another way than the tokenizer does; such a
    hypothesis is segmented and scored anew. Of hypotheses with the same text
    only the first is kept.

    Args:
        codec: of the sub-words.
        beams: of the search.
        source_length: S.
        force: `force(sources, targets) -> scores, attention` of target ids
            `(rows, T)`, given the indices of their sources `(rows,)`.

    Returns:
        Texts, ids, scores and attention weights, best first.
    """
    finished = beams.scores > _NEVER  # (batch, nbest)
    batch, nbest = tf.unstack(tf.shape(finished))
    texts = tf.where(finished, codec.target.decode(beams.tokens), "")
    canonical = codec.targets(tf.reshape(texts, [-1]))  # (rows, T)
    tokens = tf.reshape(beams.tokens, [batch * nbest, -1])
    longest = tf.maximum(tf.shape(canonical)[1], tf.shape(tokens)[1])
    canonical, tokens = _pad_to(canonical, longest), _pad_to(tokens, longest)
    differ = tf.reduce_any(canonical != tokens, -1)  # (rows,)
    differ = tf.where(differ & tf.reshape(finished, [-1]))  # (some, 1)
    scores = tf.reshape(beams.scores, [-1])
    attention = beams.attention_weights
    if attention is None:
        attention = tf.zeros([batch, nbest, longest, source_length])
    attention = tf.reshape(attention, [batch * nbest, -1, source_length])
    attention = _pad_to(attention, longest)  # (rows, T, S)

    def rescore():
        rows = differ[:, 0]
        ids = tf.gather(canonical, rows)
        new_scores, weights = force(rows // tf.cast(nbest, tf.int64), ids)
        weights += tf.zeros([source_length])  # (rows, T, 1) without attention
        return (
            tf.tensor_scatter_nd_update(tokens, differ, ids),
            tf.tensor_scatter_nd_update(scores, differ, new_scores),
            tf.tensor_scatter_nd_update(attention, differ, weights),
        )

    tokens, scores, attention = tf.cond(
        tf.size(differ) > 0, rescore, lambda: (tokens, scores, attention)
    )
    scores = tf.reshape(scores, [batch, nbest])
    equal = texts[:, tf.newaxis] == texts[:, :, tf.newaxis]
    earlier = tf.linalg.band_part(tf.ones([nbest, nbest], tf.int32), -1, 0)
    earlier -= tf.eye(nbest, dtype=tf.int32)  # (nbest, nbest): j before i
    duplicate = tf.reduce_any(equal & (earlier > 0), -1)  # (batch, nbest)
    scores, order = tf.math.top_k(tf.where(duplicate, _NEVER, scores), nbest)
    texts = tf.gather(texts, order, batch_dims=1)
    order += nbest * tf.range(batch)[:, tf.newaxis]
    return (
        tf.where(scores > _NEVER, texts, ""),
        tf.gather(tokens, order),
        scores,
        tf.gather(attention, order),
    )


def _pad_to(rows: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
    """Pads `(rows, T, ...)` with zeros to this T."""
    paddings = [[0, 0]] * rows.shape.rank
    paddings[1] = [0, length - tf.shape(rows)[1]]
    return tf.pad(rows, paddings)


def _take(states: list[Any], rows: tf.Tensor) -> list[Any]:
    return tf.nest.map_structure(lambda x: tf.gather(x, rows), states)
