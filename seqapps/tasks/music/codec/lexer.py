"""ABC as people write it, to tokens, inside the graph."""

from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.grammar.clock import TICKS

_LENGTH = "[0-9]*(?:/[0-9]*)?"
_NOTE = rf"(?:\^\^|\^|__|_|=)?(?:[A-G],*|[a-g]'*){_LENGTH}-?|z{_LENGTH}"
_TOKEN = rf"\([2346]|\[[12]|::|:\||\|:|\|\]|\|\||\||{_NOTE}"


class Text(NamedTuple):
    """One tune or fragment.

    Args:
        meter: what `M:` says; "" without it.
        key: what `K:` says.
        pieces: the tokens of the body, `(tokens,)` strings.
        ticks: as long as each is written.
    """

    meter: tf.Tensor
    key: tf.Tensor
    pieces: tf.Tensor
    ticks: tf.Tensor


def field(abc, name: str):
    """What a field of the header says; "" where there is none."""
    pattern = rf"(?s).*?\n{name}:[ \t]*([^\n%]*?)[ \t\r]*(?:%[^\n]*)?\n.*"
    abc = tf.strings.join(["\n", abc, "\n"])
    found = tf.strings.regex_replace(abc, pattern, r"\1")
    return tf.where(tf.strings.regex_full_match(abc, pattern), found, "")


def body(abc):
    """The lines that are no field and no comment."""
    abc = tf.strings.regex_replace(abc, r"%[^\n]*", "")
    return tf.strings.strip(
        tf.strings.regex_replace(abc, r"(?m)^[A-Za-z]:([^|:\n][^\n]*)?$", "")
    )


def tidy(body):
    """Puts space between the tokens, and writes each in one way."""
    for pattern, better in (
        (r"^\s*\|:", ""),  # goes without saying
        (r":\|+\s*\|*:", "::"),
        (r"(\||:)[ \t]*\[?([12])", r"\1 [\2"),
        (_TOKEN, r" \0 "),
        (r"/(-?) ", r"/2\1 "),
    ):
        body = tf.strings.regex_replace(body, pattern, better)
    return body


def read(abc) -> Text:
    """Reads ABC whose unit is an eighth: beams and line breaks as you like.

    Args:
        abc: a string, `()`.

    Raises:
        InvalidArgumentError: there is something in it that is no token.
    """
    unit = field(abc, "L")
    tf.debugging.Assert(
        (unit == "") | (unit == "1/8"), ["the unit L: must be 1/8, not", unit]
    )
    pieces = tf.strings.split(tidy(body(abc)))
    ticks, right = _ticks(pieces)
    strange = tf.boolean_mask(
        pieces, ~tf.strings.regex_full_match(pieces, _TOKEN) | ~right
    )
    tf.debugging.Assert(
        tf.size(strange) == 0, ["cannot read in the ABC:", strange[:1]]
    )
    return Text(field(abc, "M"), field(abc, "K"), pieces, ticks)


def open_end(tune: Text) -> Text:
    """The tune without its last line, so that it can go on."""
    kept = tf.size(tune.pieces)
    last = tune.pieces[kept - 1 :]  # empty when there is nothing
    kept -= tf.reduce_sum(tf.cast(last == "|]", tf.int32))
    return tune._replace(pieces=tune.pieces[:kept], ticks=tune.ticks[:kept])


def headers(codec, tune: Text, key, mode, meter) -> list:
    """Key, mode and metre: the tune's, which must be what was asked for.

    Args:
        codec: knows the keys.
        tune: may be empty; then it is all as asked.
        key: a tonic, or empty. So for the next two.
        mode: such as "minor".
        meter: such as "6/8".

    Raises:
        InvalidArgumentError: they differ, or the network has no such key.
    """
    none = tf.size(tune.pieces) == 0
    place = codec.key_number(tune.key)
    tf.debugging.Assert(
        none | (place >= 0),
        ["the key of the ABC is not one the network knows:", tune.key],
    )
    tonics, modes = zip(*codec.keys, strict=True)
    place = tf.maximum(place, 0)
    found = {
        "key": (key, tf.gather(tonics, place)),
        "mode": (mode, tf.gather(modes, place)),
        "meter": (meter, tune.meter),
    }
    for name, (asked, given) in found.items():
        tf.debugging.Assert(
            none | (asked == "") | (asked == given),
            [
                f"the {name} of the ABC is",
                given,
                "- ask for that or for none, not for",
                asked,
            ],
        )
    return [tf.where(none, asked, given) for asked, given in found.values()]


def _ticks(pieces):
    """The length of each, 0 for lines, and whether ticks can say it."""

    def number(group):
        found = tf.strings.regex_replace(
            pieces, r"^[^0-9/]*([0-9]*)/?([0-9]*)-?$", rf"\{group}"
        )
        right = tf.strings.regex_full_match(found, "[1-9][0-9]{0,2}")
        value = tf.strings.to_number(tf.where(right, found, "1"), tf.int32)
        return value, right | (found == "")

    (over, fine), (under, sound) = number(1), number(2)
    sounds = tf.strings.regex_full_match(pieces, _NOTE)
    ticks = over * (TICKS // 8)
    fine &= sound & (ticks % under == 0)
    return tf.where(sounds, ticks // under, 0), fine | ~sounds
