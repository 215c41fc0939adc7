"""Samples kinds and forms of tunes as often as the training tunes have them."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from seqapps.tasks.music.grammar.form import Form
from seqapps.tasks.music.notation.sections import (
    ENDING_BARS,
    MOST_SECTIONS,
    parse_written_form,
)

_NEVER = -1e9  # logit
# of a form from another mode or kind of tune, where its own has none that fits
_LOG_BORROWED = math.log(0.01)
# of random numbers
_RHYTHM_STREAM, _FORM_STREAM, _ENDING_STREAM = -5, -6, -7


class Plans:
    """Tables of the forms that tunes of each metre, mode and kind have.

    Args:
        rows: `[metre, mode, rhythm, form, count]`, with forms as `write_form`
            writes them.
        meters: of the codec.
        keys: `(tonic, mode)` of the codec.
    """

    def __init__(
        self,
        rows: Sequence[tuple[Any, ...]],
        meters: Sequence[str],
        keys: Sequence[tuple[str, str]],
    ):
        self.rhythms = sorted({row[2] for row in rows} | {""})
        modes = sorted({mode for _, mode in keys})
        rows = [r for r in rows if r[0] in meters and r[1] in modes]
        forms = [parse_written_form(row[3]) for row in rows]

        def table(field: str) -> tf.Tensor:
            padded = [
                [int(getattr(section, field)) for section in form]
                + [0] * (MOST_SECTIONS - len(form))
                for form in forms
            ]
            return tf.constant(padded)  # (rows, sections)

        self._bars = table("bars")
        self._repeated = table("repeated")
        self._ending_bars = table("ending_bars")
        self._last = tf.constant([len(form) - 1 for form in forms])
        self._totals = tf.reduce_sum(self._bars, axis=1)
        self._meter = tf.constant([meters.index(row[0]) for row in rows])
        self._mode = tf.constant([modes.index(row[1]) for row in rows])
        self._rhythm = tf.constant([row[2] for row in rows])
        self._log_counts = tf.math.log(
            tf.constant([float(row[4]) for row in rows])
        )
        self._key_modes = tf.constant([modes.index(mode) for _, mode in keys])
        self._rhythm_names = tf.constant(self.rhythms)
        self._log_shares = tf.constant(self._shares(rows, meters, keys))
        endings = np.full([len(meters), 1 + len(ENDING_BARS)], 1e-6)
        for row, form in zip(rows, forms, strict=True):
            for section in filter(lambda section: section.repeated, form):
                size = [0, *ENDING_BARS].index(section.ending_bars)
                endings[meters.index(row[0]), size] += row[4]
        self._log_endings = tf.constant(np.log(endings), tf.float32)

    def _shares(
        self,
        rows: Sequence[tuple[Any, ...]],
        meters: Sequence[str],
        keys: Sequence[tuple[str, str]],
    ) -> np.ndarray:
        """The log of each kind's share of a metre and mode.

        Returns:
            `(rhythms, metres, keys)`; a kind that a metre never has is left
            out, one that only its other modes have is rare.
        """
        by_meter: Counter[tuple[str, str]] = Counter()
        by_mode: Counter[tuple[str, str, str]] = Counter()
        for meter, mode, rhythm, _, count in rows:
            by_meter[rhythm, meter] += count
            by_mode[rhythm, meter, mode] += count
        shape = len(self.rhythms), len(meters), len(keys)
        shares = np.full(shape, _NEVER, np.float32)
        for r, m, k in np.ndindex(*shape):
            rhythm, meter, (_, mode) = self.rhythms[r], meters[m], keys[k]
            every = sum(by_mode[r, meter, mode] for r in self.rhythms)
            # no kind is what a metre without forms has
            if by_meter[rhythm, meter] or not rhythm:
                count = by_mode[rhythm, meter, mode]
                rare = 0.01 if by_meter[rhythm, meter] else 1e-6
                shares[r, m, k] = math.log((count + rare) / (every + 1))
        return shares

    def log_shares(self, rhythm: tf.Tensor) -> tf.Tensor:
        """Returns the log of a kind's share, `(metres, keys)`.

        Args:
            rhythm: such as "jig", `()`; empty for any.

        Raises:
            InvalidArgumentError: no training tune is of this kind.
        """
        fits = self._rhythm_names == rhythm
        names = ", ".join(filter(None, self.rhythms))
        known = tf.debugging.Assert(
            tf.reduce_any(fits),
            ["unknown rhythm", rhythm, f"- choose one of: {names}"],
        )
        with tf.control_dependencies([known]):
            i = tf.argmax(tf.cast(fits, tf.int32), 0, tf.int32)
        return tf.where(rhythm == "", 0.0, self._log_shares[i])

    def sample_rhythms(
        self,
        meter_ids: tf.Tensor,
        key_ids: tf.Tensor,
        rhythm: tf.Tensor,
        seed: tf.Tensor,
    ) -> tf.Tensor:
        """Samples a kind for each tune, `(batch,)` names; the one requested."""
        places = tf.stack([meter_ids, key_ids], axis=1)  # (batch, 2)
        logits = tf.gather_nd(
            tf.transpose(self._log_shares, [1, 2, 0]), places
        )  # (batch, rhythms)
        sample = tf.random.stateless_categorical(
            logits, 1, tf.stack([seed, _RHYTHM_STREAM]), tf.int32
        )[:, 0]
        names = tf.gather(self._rhythm_names, sample)
        return tf.where(rhythm == "", names, rhythm)

    def sample_endings(
        self, meter_ids: tf.Tensor, form: Form, seed: tf.Tensor
    ) -> Form:
        """Samples which repeated sections of a form have two endings.

        Args:
            meter_ids: `(batch,)`.
            form: that is requested.
            seed: of the random numbers.
        """
        batch, sections = tf.unstack(tf.shape(form.bars))
        logits = tf.repeat(
            tf.gather(self._log_endings, meter_ids), sections, axis=0
        )
        sample = tf.random.stateless_categorical(
            logits, 1, tf.stack([seed, _ENDING_STREAM]), tf.int32
        )
        ending_bars = tf.gather(tf.constant([0, *ENDING_BARS]), sample[:, 0])
        ending_bars = tf.reshape(ending_bars, [batch, sections])
        is_new = (form.source == tf.range(sections)) & ~form.copied
        fits = (form.repeated > 0) & is_new & (form.bars > 2 * ending_bars + 1)
        return form._replace(ending_bars=tf.where(fits, ending_bars, 0))

    def sample_forms(
        self,
        meter_ids: tf.Tensor,
        key_ids: tf.Tensor,
        rhythms: tf.Tensor,
        bars: tf.Tensor,
        begun: tf.Tensor,
        seed: tf.Tensor,
    ) -> Form:
        """Samples a form for each tune.

        Args:
            meter_ids: `(batch,)`.
            key_ids: `(batch,)`.
            rhythms: names, `(batch,)`.
            bars: of the whole tune as written, `()`; 0 for any.
            begun: bars of the first section that are begun, `()`; its form
                leaves at least one more before its ending.
            seed: of the random numbers.

        Returns:
            The forms; strict where one fits.
        """
        before_ending = self._bars[:, 0] - 2 * self._ending_bars[:, 0]
        fits = (bars == 0) | (self._totals == bars)
        fits &= (begun == 0) | (before_ending > begun)
        modes = tf.gather(self._key_modes, key_ids)
        fits &= self._meter == meter_ids[:, tf.newaxis]  # (batch, rows)
        same_mode = self._mode == modes[:, tf.newaxis]
        same_rhythm = self._rhythm == rhythms[:, tf.newaxis]
        logits = self._log_counts + (
            tf.where(same_mode, 0.0, _LOG_BORROWED)
            + tf.where(same_rhythm, 0.0, _LOG_BORROWED)
        )
        row = tf.random.stateless_categorical(
            tf.where(fits, logits, _NEVER),
            1,
            tf.stack([seed, _FORM_STREAM]),
            tf.int32,
        )[:, 0]
        form_bars = tf.gather(self._bars, row)
        section = tf.range(MOST_SECTIONS) + tf.zeros_like(form_bars)
        return Form(
            bars=form_bars,
            repeated=tf.gather(self._repeated, row),
            ending_bars=tf.gather(self._ending_bars, row),
            source=section,
            copied=section < 0,
            last=tf.gather(self._last, row),
            strict=tf.reduce_any(fits, axis=1),
            min_section_bars=tf.ones_like(row),
        )
