"""The graph functions that a translator exports: texts in, texts out."""

from typing import Any

import tensorflow as tf

from seqapps.export import demand
from seqapps.tasks.translation.codec.passages import prepare
from seqapps.tasks.translation.options import MAX_BEAM, TranslateOptions
from seqapps.tasks.translation.searching import forced_decoding, search
from seqapps.tasks.translation.whole_texts import (
    NO_GLOSSARY,
    translate_texts,
)

_TEXTS = tf.TensorSpec([None], tf.string)
_PAIRS = tf.TensorSpec([None, 2], tf.string)
_NUMBER = tf.TensorSpec([], tf.int32)
_REAL = tf.TensorSpec([], tf.float32)


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
        options = _checked(
            beam, nbest, length_penalty, coverage_penalty, no_repeat, minimum
        )
        return search(model, codec, texts, **options).outputs(codec)

    def translate_sentences(
        texts,
        beam=TranslateOptions.beam,
        nbest=TranslateOptions.nbest,
        length_penalty=TranslateOptions.length_penalty,
        coverage_penalty=TranslateOptions.coverage_penalty,
        no_repeat=TranslateOptions.no_repeat,
        minimum=TranslateOptions.minimum,
        glossary=NO_GLOSSARY,
    ):
        options = _checked(
            beam, nbest, length_penalty, coverage_penalty, no_repeat, minimum
        )
        return translate_texts(
            lambda pieces: search(model, codec, pieces, **options),
            codec,
            texts,
            glossary,
            options["nbest"],
            length_penalty,
        ).outputs(codec)

    def score(
        texts,
        translations,
        length_penalty=TranslateOptions.length_penalty,
        coverage_penalty=TranslateOptions.coverage_penalty,
    ):
        paired = tf.size(texts) == tf.size(translations)
        demand(paired, "a translation for each text is wanted, not", paired)
        if codec.sentences:  # one piece each: they are not aligned
            texts = prepare(texts, split=False, casing=codec.casing).texts
            translations = prepare(translations, split=False).texts
        log_p, lengths, scores, _ = forced_decoding(
            model,
            codec.targets(translations),
            *model.encode(codec.inputs(texts)),
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
        )
        return {"scores": scores, "log_probability": log_p, "tokens": lengths}

    def serving_default(texts):
        return translates(texts)

    translates = translate_sentences if codec.sentences else translate
    translate_signature = [
        _TEXTS,
        _NUMBER,
        _NUMBER,
        _REAL,
        _REAL,
        _NUMBER,
        _NUMBER,
    ]
    if codec.sentences:
        translate_signature.append(_PAIRS)
    signatures = {
        "translate": (translates, translate_signature),
        "score": (score, [_TEXTS, _TEXTS, _REAL, _REAL]),
        "serving_default": (serving_default, [_TEXTS]),
    }
    return {
        name: tf.function(function, signature, autograph=False)
        for name, (function, signature) in signatures.items()
    }


def _checked(
    beam: tf.Tensor,
    nbest: tf.Tensor,
    length_penalty: tf.Tensor,
    coverage_penalty: tf.Tensor,
    no_repeat: tf.Tensor,
    minimum: tf.Tensor,
) -> dict[str, tf.Tensor]:
    """The options of a search, each in its range."""
    valid = (beam >= 1) & (beam <= MAX_BEAM)
    demand(valid, f"beam is 1 to {MAX_BEAM}, not", beam)
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
    beam = tf.clip_by_value(beam, 1, MAX_BEAM)  # a check may run late
    return {
        "beam": beam,
        "nbest": tf.clip_by_value(nbest, 1, beam),
        "length_penalty": length_penalty,
        "coverage_penalty": coverage_penalty,
        "no_repeat": no_repeat,
        "minimum": minimum,
    }
