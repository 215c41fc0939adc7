"""What may come next in a tune that is right: a mask, and its registers.

A bar is filled exactly; a pick-up and the closing bar of a section make one
bar; tuplets, ties, repeats and endings are whole; the tune ends after so many
bars. Everything is integers, so it runs in the compiled loop.
"""

import tensorflow as tf

from seqapps.tasks.music.grammar import sections
from seqapps.tasks.music.grammar.bar_fit import Fit
from seqapps.tasks.music.grammar.clock import Clock, Now
from seqapps.tasks.music.grammar.form import Form
from seqapps.tasks.music.grammar.sections import LINES, Place

_MUSIC, _OVER, _SECOND_DUE = 0, 1, 2


class Grammar:
    """The mask of a vocabulary.

    Args:
        tokens: the vocabulary; it has every one of `LINES`.
        clock: of the same vocabulary.
    """

    def __init__(self, tokens: list[str], clock: Clock):
        self.fit = Fit(tokens, clock)
        slots = [LINES.index(t) if t in LINES else len(LINES) for t in tokens]
        self._slots = tf.constant(slots)

    def start(self, bars, form: Form) -> Place:
        """Before the first token.

        Args:
            bars: of the first section, `(batch,)`.
            form: what was asked for.
        """
        zero = tf.zeros_like(bars)
        return Place(
            zero - 1,
            zero,
            bars,
            zero,
            zero,
            zero + tf.where(form.strict, form.repeated[0], 1),
            *[zero] * 6,
        )

    def advance(
        self, token, now: Now, place: Place, form: Form, ticks
    ) -> Place:
        """After one more token `(batch,)`.

        Args:
            token: ids.
            now: the clock before it.
            place: before it.
            form: what was asked for.
            ticks: as long as it is written.
        """
        slot = tf.gather(self._slots, token)
        plain, closes = slot == 0, (slot >= 1) & (slot <= 5)
        first, second = slot == 6, slot == 7
        short = place.short > 0
        full = now.place >= now.meter
        unknown = place.pickup < 0
        pickup = tf.where(
            unknown & (plain | closes),
            tf.where(full, 0, now.place),
            place.pickup,
        )
        begins = unknown & plain & ~full  # this line ends the pick-up
        counted = _int((plain & ~short & ~begins) | closes)
        left = place.left - counted
        done = place.done + counted
        in_first = place.ending == 1
        leaves = closes & ~in_first  # the section
        last = tf.size(form.bars) - 1
        ends = leaves & (left == 0)
        over = ends & (place.part == last)
        part = place.part + _int(ends & ~over)
        left = tf.where(ends & ~over, tf.gather(form.bars, part), left)
        opens = (slot == 3) | (slot == 5)
        still = (place.repeatable == 2) & (place.ending == 0)  # to be closed
        enters = first | second
        phase = tf.where(
            over, _OVER, tf.where(closes & in_first, _SECOND_DUE, _MUSIC)
        )
        pitch, tied = self.fit.read(token)
        return Place(
            pickup,
            tf.where(leaves, _int(pickup > 0), tf.where(plain, 0, place.short)),
            left,
            tf.where(leaves, 0, place.since + counted),
            part,
            tf.where(
                leaves,
                2 * _int(opens | (still & (slot == 1))),
                place.repeatable,
            ),
            tf.where(
                first, 1, tf.where(second, 2, place.ending * _int(~leaves))
            ),
            tf.where(enters | leaves, 0, done),
            tf.where(closes & in_first, done, place.asked),
            phase,
            tf.where(tied, pitch, tf.where(ticks > 0, 0, place.tie)),
            tf.where(ticks > 0, ticks, place.unit),
        )

    def timely(self, token, now: Now, after: Now, place: Place, form: Form):
        """Whether a token of a primer comes at its time, `(batch,)`.

        Args:
            token: ids.
            now: the clock before it.
            after: the clock after it.
            place: before it.
            form: what was asked for.
        """
        slot = tf.gather(self._slots, token)
        music, due = place.phase == _MUSIC, place.phase == _SECOND_DUE
        full = now.place == now.meter
        begins = (place.pickup < 0) & (now.place > 0)
        begins &= self.fit.fills(now.meter - now.place)
        capacity = now.meter - tf.maximum(place.pickup, 0)
        planned = ~form.strict | (place.left == 1) | (place.ending == 1)
        closes = (now.place == capacity) & (place.short == 0) & planned
        closes &= sections.closes(slot, place, form)
        line = tf.where(slot == 0, full | begins, closes)
        fresh = (now.place == 0) & (now.order == 0) & (place.ending == 0)
        first = music & fresh & form.branch(place)
        fine = tf.where(slot <= 5, line, after.place <= after.meter)
        fine = tf.where(slot == 6, first, fine & music)
        fine = tf.where(slot == 7, due, fine)
        still = (now.left == 0) | (
            (slot == len(LINES)) & (after.left < now.left)
        )
        return (still & fine) | (place.phase == _OVER)

    def goes_on(self, now: Now, place: Place, form: Form):
        """Whether a right tune can go on from a place, `(batch,)`."""
        due = place.phase == _SECOND_DUE
        some = tf.reduce_any(self.allowed(now, place, form), axis=1)
        return some & sections.comes_out(place, due, form)

    def allowed(self, now: Now, place: Place, form: Form):
        """Which tokens may come next, `(batch, vocabulary)`.

        Args:
            now: the clock.
            place: the other registers.
            form: what was asked for.
        """
        may, must = sections.closing(place, form)
        short, unknown = place.short > 0, place.pickup < 0
        capacity = now.meter - tf.maximum(place.pickup, 0)  # of a closing bar
        over = short | ~must  # a plain line may end this bar
        whole = tf.where(over, now.meter, capacity)
        music = place.phase == _MUSIC
        rest = tf.where(music, whole - now.place, -1)
        notes = self.fit.allowed(rest, over, now, place)
        still = music & (now.left == 0)
        full = now.place == now.meter
        starts = (  # a pick-up may end here
            unknown
            & (now.place > 0)
            & (2 * now.place <= now.meter)
            & self.fit.fills(now.meter - now.place)
            & (place.tie == 0)
        )
        closing = (
            still
            & may
            & ~short
            & (place.tie == 0)
            & (now.place == capacity)
            & (now.place > 0)
        )
        fresh = (now.place == 0) & (now.order == 0) & (place.since >= 3)
        lines = sections.closers(place, form) & closing[:, tf.newaxis]
        other = tf.stack(
            [
                still & ((full & over) | starts),  # |
                still
                & fresh
                & (place.ending == 0)
                & (place.tie == 0)  # it would lead to both endings
                & (place.repeatable > 0)
                & form.branch(place)
                & sections.feasible(place.left, 0, 0, form),  # [1
                place.phase == _SECOND_DUE,  # [2
                place.phase == _OVER,  # the end
            ],
            axis=1,
        )
        none = tf.zeros_like(other[:, :1])
        lines |= tf.concat(
            [other[:, :1], *[none] * 5, other[:, 1:]], axis=1
        )  # in the order of LINES
        spread = tf.gather(
            tf.concat([lines, none], axis=1), self._slots, axis=1
        )
        return notes | spread


def _int(condition):
    return tf.cast(condition, tf.int32)
