"""Splits ABC as people write it into tokens, inside the TensorFlow graph."""

from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.grammar.clock import TICKS

_LENGTH = "[0-9]*(?:/[0-9]*)?"
_NOTE = rf"(?:\^\^|\^|__|_|=)?(?:[A-G],*|[a-g]'*){_LENGTH}-?|z{_LENGTH}"
_TOKEN = rf"\([2346]|\[[12]|::|:\||\|:|\|\]|\|\||\||{_NOTE}"
_TICKS_PER_EIGHTH = TICKS // 8


class TokenizedTune(NamedTuple):
    """A tune or a fragment of one.

    Args:
        meter: what `M:` says, `()`; "" without it.
        key: what `K:` says, `()`; "" without it.
        rhythm: what `R:` says, `()`; "" without it.
        tokens: of the body, `(tokens,)` strings.
        ticks: written length of each token, `(tokens,)`.
    """

    meter: tf.Tensor
    key: tf.Tensor
    rhythm: tf.Tensor
    tokens: tf.Tensor
    ticks: tf.Tensor


def header_field(abc: tf.Tensor, name: str) -> tf.Tensor:
    """Returns what a field of the header says; "" where there is none."""
    pattern = rf"(?s).*?\n{name}:[ \t]*([^\n%]*?)[ \t\r]*(?:%[^\n]*)?\n.*"
    abc = tf.strings.join(["\n", abc, "\n"])
    value = tf.strings.regex_replace(abc, pattern, r"\1")
    return tf.where(tf.strings.regex_full_match(abc, pattern), value, "")


def body_text(abc: tf.Tensor) -> tf.Tensor:
    """Returns the lines that are neither fields nor comments."""
    abc = tf.strings.regex_replace(abc, r"%[^\n]*", "")
    return tf.strings.strip(
        tf.strings.regex_replace(abc, r"(?m)^[A-Za-z]:([^|:\n][^\n]*)?$", "")
    )


def space_tokens(body: tf.Tensor) -> tf.Tensor:
    """Puts spaces between the tokens of a body, and spells each in one way."""
    for pattern, replacement in (
        (r"^\s*\|:", ""),  # goes without saying
        (r":\|+\s*\|*:", "::"),
        (r"(\||:)[ \t]*\[?([12])", r"\1 [\2"),
        (_TOKEN, r" \0 "),
        (r"/(-?) ", r"/2\1 "),
    ):
        body = tf.strings.regex_replace(body, pattern, replacement)
    return body


def tokenize(abc: tf.Tensor) -> TokenizedTune:
    """Splits ABC into tokens, whatever its beams and line breaks.

    Args:
        abc: a string, `()`, whose unit of length is an eighth.

    Raises:
        InvalidArgumentError: something in it is no token.
    """
    unit = header_field(abc, "L")
    tf.debugging.Assert(
        (unit == "") | (unit == "1/8"), ["the unit L: must be 1/8, not", unit]
    )
    tokens = tf.strings.split(space_tokens(body_text(abc)))
    ticks, exact = _token_ticks(tokens)
    unreadable = tf.boolean_mask(
        tokens, ~tf.strings.regex_full_match(tokens, _TOKEN) | ~exact
    )
    tf.debugging.Assert(
        tf.size(unreadable) == 0, ["cannot read in the ABC:", unreadable[:1]]
    )
    return TokenizedTune(
        meter=header_field(abc, "M"),
        key=header_field(abc, "K"),
        rhythm=header_field(abc, "R"),
        tokens=tokens,
        ticks=ticks,
    )


def without_final_bar_line(tune: TokenizedTune) -> TokenizedTune:
    """Returns the tune without a `|]` at its end, so that it can go on."""
    count = tf.size(tune.tokens)
    last = tune.tokens[count - 1 :]  # empty when there is no token
    count -= tf.reduce_sum(tf.cast(last == "|]", tf.int32))
    return tune._replace(tokens=tune.tokens[:count], ticks=tune.ticks[:count])


def _token_ticks(tokens: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the length of each token, and whether ticks can express it.

    Lengths are written as a fraction of the unit: `3/2`, `2`, `/2`. What is no
    note has length 0.
    """

    def number(group: int) -> tuple[tf.Tensor, tf.Tensor]:
        digits = tf.strings.regex_replace(
            tokens, r"^[^0-9/]*([0-9]*)/?([0-9]*)-?$", rf"\{group}"
        )
        valid = tf.strings.regex_full_match(digits, "[1-9][0-9]{0,2}")
        value = tf.strings.to_number(tf.where(valid, digits, "1"), tf.int32)
        return value, valid | (digits == "")

    numerator, valid_numerator = number(1)
    denominator, valid_denominator = number(2)
    is_note = tf.strings.regex_full_match(tokens, _NOTE)
    ticks = numerator * _TICKS_PER_EIGHTH
    exact = valid_numerator & valid_denominator & (ticks % denominator == 0)
    return tf.where(is_note, ticks // denominator, 0), exact | ~is_note
