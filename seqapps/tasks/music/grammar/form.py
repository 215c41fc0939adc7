"""The form that is asked for: sections, each with its bars and repeat."""

from typing import NamedTuple

import tensorflow as tf


class Form(NamedTuple):
    """A plan of written sections.

    Args:
        bars: of each section, `(sections,)`.
        repeated: 1 where a section is repeated, `(sections,)`.
        source: which section each one copies; itself where it is new.
        copied: whether a later section copies it.
        strict: whether sections are as planned; else the one section is the
            whole tune, in which the network sets repeats as it likes.
        shortest: bars of a section where it does.
    """

    bars: tf.Tensor
    repeated: tf.Tensor
    source: tf.Tensor
    copied: tf.Tensor
    strict: tf.Tensor
    shortest: tf.Tensor

    def branch(self, place):
        """Whether the section at a place may have two endings."""
        copied = tf.gather(self.copied, place.part)
        repeated = tf.gather(self.repeated, place.part) > 0
        return ~copied & (repeated | ~self.strict)


def read(form, bars) -> Form:
    """Reads a form such as "AABB".

    A letter twice in a row is one written section with a repeat; a letter that
    comes back later is that section again.

    Args:
        form: letters; empty leaves it to the network.
        bars: of the whole tune as written; 0 for eight a section.

    Raises:
        InvalidArgumentError: it is no form, or does not fit the bars.
    """
    form = tf.strings.upper(form)
    tf.debugging.Assert(
        tf.strings.regex_full_match(form, "[A-Z]*"),
        ["a form is letters such as AABB, not", form],
    )
    strict = form != ""
    letters = tf.strings.bytes_split(tf.where(strict, form, "A"))
    changes = tf.concat([[True], letters[1:] != letters[:-1]], 0)
    section = tf.cumsum(tf.cast(changes, tf.int32)) - 1
    times = tf.math.bincount(section)
    tf.debugging.Assert(
        tf.reduce_all(times <= 2),
        ["a section is repeated once at most, not as in", form],
    )
    names = tf.boolean_mask(letters, changes)
    count = tf.size(names)
    bars = tf.where(strict & (bars == 0), 8 * count, bars)
    tf.debugging.Assert(
        bars % count == 0,
        [
            bars,
            "bars do not divide into the",
            count,
            "written sections of",
            form,
        ],
    )
    same = names[:, tf.newaxis] == names[tf.newaxis]
    source = tf.argmax(tf.cast(same, tf.int32), 1, tf.int32)
    later = tf.cast(source < tf.range(count), tf.int32)
    copied = tf.math.unsorted_segment_max(later, source, count) > 0
    return Form(
        tf.fill([count], bars // count),
        tf.minimum(times - 1, 1),
        source,
        copied,
        strict,
        tf.clip_by_value(bars // 2, 1, 4),
    )
