"""The forms of tunes: sections, each with its bars, repeat and endings."""

from typing import NamedTuple

import tensorflow as tf

FREE_ENDING = -1  # the network decides whether a section has endings


class Form(NamedTuple):
    """Plans of the written sections, one a tune.

    Args:
        bars: of each section, `(batch, sections)`; 0 behind the last.
        repeated: 1 where a section is repeated, `(batch, sections)`.
        ending_bars: of each of its two endings, `(batch, sections)`; 0 for
            none, `FREE_ENDING` where the network decides.
        source: the section that each one copies; itself where it is new,
            `(batch, sections)`.
        copied: whether a later section copies it, `(batch, sections)`.
        last: index of the last section, `(batch,)`.
        strict: whether the tune keeps to the plan, `(batch,)`. If not, the
            plan is one section, the whole tune, which the network divides and
            repeats as it likes.
        min_section_bars: fewest bars of a section if not strict, `(batch,)`.
    """

    bars: tf.Tensor
    repeated: tf.Tensor
    ending_bars: tf.Tensor
    source: tf.Tensor
    copied: tf.Tensor
    last: tf.Tensor
    strict: tf.Tensor
    min_section_bars: tf.Tensor

    def at(self, values: tf.Tensor, section: tf.Tensor) -> tf.Tensor:
        """Returns what a section has of `(batch, sections)`, `(batch,)`."""
        return tf.gather(values, section, batch_dims=1)

    def allows_endings(self, section: tf.Tensor) -> tf.Tensor:
        """Returns whether a section may have two endings, `(batch,)`."""
        copied = self.at(self.copied, section)
        repeated = self.at(self.repeated, section) > 0
        planned_without = self.at(self.ending_bars, section) == 0
        return ~copied & (repeated | ~self.strict) & ~planned_without

    def repeat(self, count: tf.Tensor | int) -> "Form":
        """Returns each plan so many times."""
        return Form(*(tf.repeat(field, count, axis=0) for field in self))


def free_form(bars: tf.Tensor, sections: tf.Tensor | int = 1) -> Form:
    """Returns plans that leave the sections to the network.

    Args:
        bars: of each tune as written, `(batch,)`.
        sections: how many the plan has room for.
    """
    is_first = tf.range(sections) == 0
    zeros = tf.zeros_like(bars[:, tf.newaxis] * tf.cast(is_first, tf.int32))
    return Form(
        bars=tf.where(is_first, bars[:, tf.newaxis], 0),
        repeated=zeros,
        ending_bars=zeros + FREE_ENDING,
        source=zeros + tf.range(sections),
        copied=zeros > 0,
        last=tf.zeros_like(bars),
        strict=tf.zeros_like(bars) > 0,
        min_section_bars=tf.clip_by_value(bars // 2, 1, 4),
    )


def parse_form(form: tf.Tensor, bars: tf.Tensor) -> Form:
    """Parses a form such as "AABB".

    A letter twice in a row is one written section with a repeat; a letter that
    comes back later is that section again.

    Args:
        form: letters, `()`; empty leaves the form to the network.
        bars: of the whole tune as written, `()`; 0 for eight a section.

    Returns:
        The plan of one tune.

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
    rows = (
        tf.fill([count], bars // count),
        tf.minimum(times - 1, 1),
        tf.fill([count], FREE_ENDING),
        source,
        copied,
    )
    return Form(
        *(row[tf.newaxis] for row in rows),
        last=count[tf.newaxis] - 1,
        strict=strict[tf.newaxis],
        min_section_bars=tf.clip_by_value(bars // 2, 1, 4)[tf.newaxis],
    )
