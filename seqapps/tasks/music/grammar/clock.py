"""Where a tune stands in time, and what stood at the same place before."""

from fractions import Fraction
from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.notation import bars as notation

TICKS = 384  # of a whole note: a triplet of demisemiquavers comes out even
LOOKBACKS = (1, 2, 4, 8, 16)  # bars
PLACES, BARS = 160, 16  # sizes of the features
_GRID = 4  # ticks
_BAR = 2**13  # keys of a bar
_BOUNDARIES = ("|:", ":|", "::", "||")


class Now(NamedTuple):
    """Registers of a tune so far, `(batch,)` integers each.

    Args:
        meter: ticks of a whole bar.
        bar: bars begun before this one. A short bar at a repeat and the
            pick-up after it are one.
        since: the same, since the last repeat or double bar.
        place: ticks since the bar began.
        order: tokens without length since a note or the bar began.
        left: notes of a tuplet still to come.
        notes: of that tuplet.
        beats: the notes are played in the time of so many.
    """

    meter: tf.Tensor
    bar: tf.Tensor
    since: tf.Tensor
    place: tf.Tensor
    order: tf.Tensor
    left: tf.Tensor
    notes: tf.Tensor
    beats: tf.Tensor


class Clock:
    """Counts time, token by token.

    Args:
        tokens: the vocabulary; metres are `M:6/8`.
    """

    def __init__(self, tokens: list[str]):
        notes = [notation.note(token) for token in tokens]
        tuplets = [notation.tuplet(token) for token in tokens]
        rows = []
        for token, note, tuplet in zip(tokens, notes, tuplets, strict=True):
            meter = Fraction(token[2:]) if token[:2] == "M:" else 0
            rows.append(
                [
                    int((note.length if note else 0) * TICKS),
                    int(meter * TICKS),
                    tuplet,
                    notation.TUPLETS.get(tuplet, 1),
                    (token in notation.BAR_LINES)
                    + 2 * (token in _BOUNDARIES)
                    + 4 * (token == "[2")
                    + 8 * (token == "|"),
                    int(token[:2] not in ("M:", "K:") and token[:5] != "mode:"),
                ]
            )
        self._facts = tf.constant(rows)  # (vocabulary, 6)
        self.ticks = [row[0] for row in rows]
        self.longest = max(row[1] for row in rows)  # ticks of a bar

    def start(self, batch) -> Now:
        """Before the first token."""
        zero = tf.zeros([batch], tf.int32)
        return Now(zero, zero, zero, zero, zero, zero, zero + 1, zero + 1)

    def advance(self, token, now: Now, ticks=None) -> Now:
        """After one more token `(batch,)`.

        A bar line begins a new bar when it is a plain one or the bar is full;
        a shorter bar before a repeat goes on in the pick-up after it.

        Args:
            token: ids.
            now: before it.
            ticks: as long as it is written; by its id when None.
        """
        known, meter, opener, beats, kind, body = tf.unstack(
            tf.gather(self._facts, token), axis=-1
        )  # (batch,)
        ticks = known if ticks is None else ticks
        line, boundary = kind & 1 > 0, kind & 2 > 0
        second, plain = kind & 4 > 0, kind & 8 > 0
        length = tf.where(now.left > 0, ticks * now.beats // now.notes, ticks)
        turns = (line & (plain | (now.place >= now.meter))) | (
            second & (now.place > 0)
        )
        turned = tf.cast(turns, tf.int32)
        left = tf.maximum(now.left - tf.cast(ticks > 0, tf.int32), 0)
        opened = opener > 0
        return Now(
            tf.where(meter > 0, meter, now.meter),
            now.bar + turned,
            tf.where(boundary, 0, now.since + turned),
            tf.where(turns, 0, now.place + length),
            tf.where(turns | (length > 0), 0, now.order + body),
            tf.where(opened, opener, tf.where(line, 0, left)),
            tf.where(opened, opener, now.notes),
            tf.where(opened, beats, now.beats),
        )

    def key(self, now: Now):
        """A number for the place in the whole tune, `(batch,)`."""
        place = tf.minimum(now.place, _BAR // 8 - 1)
        return now.bar * _BAR + place * 8 + tf.minimum(now.order, 7)

    def features(self, now: Now):
        """The place in the bar and the bar in the section, `(batch, 2)`."""
        place = tf.minimum(now.place // _GRID, PLACES - 1)
        return tf.stack([place, tf.minimum(now.since, BARS - 1)], axis=-1)

    def inputs(self, ids):
        """What the network reads for whole tunes.

        Args:
            ids: `(batch, time)`.

        Returns:
            `(batch, time, 3 + lookbacks)`: the token, where the tune stands
            after it, and the tokens that stood there some bars before; 0 for
            none.
        """
        count = tf.shape(ids)[1]
        whole = tf.TensorArray(tf.int32, count, element_shape=[None, 3])

        def body(i, now, whole):
            now = self.advance(ids[:, i], now)
            row = tf.concat(
                [self.key(now)[:, tf.newaxis], self.features(now)], -1
            )
            return i + 1, now, whole.write(i, row)

        start = self.start(tf.shape(ids)[0])
        *_, whole = tf.while_loop(
            lambda i, *_: i < count, body, (tf.constant(0), start, whole)
        )
        rows = tf.transpose(whole.stack(), [1, 0, 2])  # (batch, time, 3)
        keys = rows[:, :, 0]
        before = tf.concat([ids[:, 1:], ids[:, :1]], 1)  # began at that key
        row, column = tf.range(count)[:, tf.newaxis], tf.range(count)
        columns = tf.where(column < row, column, -1)  # (time, time)
        looked = []
        for back in LOOKBACKS:
            asked = keys - back * _BAR
            same = keys[:, tf.newaxis] == asked[:, :, tf.newaxis]
            place = tf.reduce_max(tf.where(same, columns, -1), -1)
            found = tf.gather(before, tf.maximum(place, 0), batch_dims=1)
            looked.append(tf.where(place >= 0, found, 0))
        return tf.concat(
            [ids[:, :, tf.newaxis], rows[:, :, 1:], tf.stack(looked, -1)], -1
        )


class Memory(NamedTuple):
    """The tokens so far and where each began, `(batch, length)`."""

    keys: tf.Tensor
    tokens: tf.Tensor


def memory(batch, length) -> Memory:
    """An empty memory for so many tokens."""
    return Memory(
        tf.fill([batch, length], -1), tf.zeros([batch, length], tf.int32)
    )


def remember(kept: Memory, i, key, token) -> Memory:
    """Token `i` began at a key; both `(batch,)`."""
    here = tf.range(tf.shape(kept.keys)[1]) == i
    return Memory(
        tf.where(here, key[:, tf.newaxis], kept.keys),
        tf.where(here, token[:, tf.newaxis], kept.tokens),
    )


def look_back(kept: Memory, key):
    """What stood there some bars before, `(batch, lookbacks)`; 0 for none."""
    asked = key[:, tf.newaxis] - tf.constant(LOOKBACKS) * _BAR
    same = kept.keys[:, tf.newaxis] == asked[:, :, tf.newaxis]
    column = tf.range(tf.shape(kept.keys)[1])
    place = tf.reduce_max(tf.where(same, column, -1), -1)
    found = tf.gather(kept.tokens, tf.maximum(place, 0), batch_dims=1)
    return tf.where((place >= 0) & (asked >= 0), found, 0)
