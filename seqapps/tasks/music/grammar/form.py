"""The form that is requested: sections, each with its bars and its repeat."""

from typing import NamedTuple

import tensorflow as tf


class Form(NamedTuple):
    """A plan of the written sections.

    Args:
        bars: of each section, `(sections,)`.
        repeated: 1 where a section is repeated, `(sections,)`.
        source: the section that each one copies; itself where it is new,
            `(sections,)`.
        copied: whether a later section copies it, `(sections,)`.
        strict: whether the tune keeps to the plan. If not, the plan is one
            section, the whole tune, which the network divides and repeats
            as it likes.
        min_section_bars: fewest bars of a section if not strict.
    """

    bars: tf.Tensor
    repeated: tf.Tensor
    source: tf.Tensor
    copied: tf.Tensor
    strict: tf.Tensor
    min_section_bars: tf.Tensor

    def allows_endings(self, section: tf.Tensor) -> tf.Tensor:
        """Returns whether a section may have two endings, `(batch,)`."""
        copied = tf.gather(self.copied, section)
        repeated = tf.gather(self.repeated, section) > 0
        return ~copied & (repeated | ~self.strict)


def parse_form(form: tf.Tensor, bars: tf.Tensor) -> Form:
    """Parses a form such as "AABB".

    A letter twice in a row is one written section with a repeat; a letter that
    comes back later is that section again.

    Args:
        form: letters, `()`; empty leaves the form to the network.
        bars: of the whole tune as written, `()`; 0 for eight a section.

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
        bars=tf.fill([count], bars // count),
        repeated=tf.minimum(times - 1, 1),
        source=source,
        copied=copied,
        strict=strict,
        min_section_bars=tf.clip_by_value(bars // 2, 1, 4),
    )
