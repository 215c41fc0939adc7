"""Which tokens may come next, and the likeliest of them."""

from typing import NamedTuple

import tensorflow as tf

from seqapps.decoding.scores import is_zero
from seqapps.decoding.stepping import Number
from seqapps.export.calls import demand
from seqapps.text import END, PAD

_IMPOSSIBLE = -float("inf")
# logits are searched in blocks of this size
_BLOCK = 32
# blocks gain nothing for a smaller vocabulary
_SMALL = 1024


def places_of_banned(banned: tf.Tensor | None, rows: Number) -> tf.Tensor:
    """Finds END and the tokens banned for all rows in `(rows, vocabulary)`.

    Args:
        banned: `(vocabulary,)`, True for a banned token; None for PAD only.
        rows: how many rows.

    Returns:
        `(rows, tokens, 2)` places, END first; those of a banned END or PAD
        occur twice.
    """
    tokens = tf.constant([END, PAD])
    if banned is not None:
        more = tf.where(banned)[:, 0]
        tokens = tf.concat([tokens, tf.cast(more, tf.int32)], 0)
    return _places(tokens, [rows, tf.size(tokens)])


def _places(tokens: tf.Tensor, shape: tf.Tensor | list[Number]) -> tf.Tensor:
    """The places of tokens in `(rows, vocabulary)`: `(rows, tokens, 2)`."""
    rows = tf.broadcast_to(tf.range(shape[0])[:, tf.newaxis], shape)
    return tf.stack([rows, tf.broadcast_to(tokens, shape)], -1)


def best_tokens(
    logits: tf.Tensor,
    count: Number,
    *,
    is_last: tf.Tensor,
    too_early: tf.Tensor | None,
    banned_places: tf.Tensor,
    repeated: tf.Tensor | None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Finds the likeliest allowed next tokens of every row.

    A forbidden token has the log-probability -inf; the others keep theirs, so
    they do not sum to 1. A row without an allowed token takes END.

    Args:
        logits: `(rows, vocabulary)`.
        count: how many tokens; all if the vocabulary has fewer.
        is_last: `(rows, 1)`, True where only END is allowed.
        too_early: whether it is too early for END; None for no.
        banned_places: see `places_of_banned`.
        repeated: `(rows, steps)`, tokens that the row may not take; None for
            no such rule.

    Returns:
        Log-probabilities in descending order and their tokens,
        `(rows, count)` each.
    """
    log_p = tf.nn.log_softmax(logits)
    end = log_p[:, END : END + 1]
    # one logit that is not a number makes its whole row so
    wrong = tf.reduce_any(tf.math.is_nan(end))
    demand(~wrong, "the network's logits are not numbers", "")
    allowed_end = end
    if too_early is not None:
        allowed_end = tf.where(too_early, _IMPOSSIBLE, end)
    others = tf.fill(tf.shape(banned_places[:, 1:, 0]), _IMPOSSIBLE)
    # once END's column is read nobody holds `log_p`: it is changed in place
    with tf.control_dependencies([end]):
        allowed = tf.tensor_scatter_nd_min(
            log_p, banned_places, tf.concat([allowed_end, others], 1)
        )
    if repeated is not None:
        shape = tf.shape(repeated)
        allowed = tf.cond(
            shape[1] > 0,
            lambda: tf.tensor_scatter_nd_update(
                allowed, _places(repeated, shape), tf.fill(shape, _IMPOSSIBLE)
            ),
            lambda: allowed,
        )
    values, tokens = top_k(allowed, count)
    only_end = is_last | (values[:, :1] == _IMPOSSIBLE)
    is_first = tf.range(tf.shape(values)[1]) == 0
    values = tf.where(only_end, tf.where(is_first, end, _IMPOSSIBLE), values)
    return values, tf.where(only_end, END, tokens)


def top_k(values: tf.Tensor, count: Number) -> tuple[tf.Tensor, tf.Tensor]:
    """Does `tf.math.top_k` of few in many, six times as fast on a processor.

    The largest `count` lie in the `count` blocks with the largest maxima, and
    one vectorised pass finds these maxima.

    Args:
        values: `(rows, size)`.
        count: how many; all if there are fewer.

    Returns:
        The values in descending order and their places, `(rows, count)` each;
        the place of a -inf may be any.
    """
    size = values.shape[-1]
    if size is not None and size < _SMALL:
        largest, places = tf.math.top_k(values, tf.minimum(count, size))
        return largest, places
    rows, columns = tf.unstack(tf.shape(values))
    if size is None or size % _BLOCK:
        values = tf.pad(
            values,
            [[0, 0], [0, -columns % _BLOCK]],
            constant_values=_IMPOSSIBLE,
        )
    blocks = tf.reshape(values, [rows, -1, _BLOCK])
    maxima = tf.reduce_max(blocks, -1)
    block_count = tf.minimum(count, tf.shape(maxima)[1])
    _, chosen = tf.math.top_k(maxima, block_count)
    searched = tf.gather(blocks, chosen, batch_dims=1)
    searched = tf.reshape(searched, [rows, block_count * _BLOCK])
    largest, places = tf.math.top_k(searched, tf.minimum(count, columns))
    block = tf.gather(chosen, places // _BLOCK, batch_dims=1)
    # padding, -inf, has no place
    places = tf.minimum(block * _BLOCK + places % _BLOCK, columns - 1)
    return largest, places


class NgramState(NamedTuple):
    """What `RepeatedNgrams` knows of every row, `(rows, steps)` each."""

    tokens: tf.Tensor
    matches: tf.Tensor  # m_p, see `RepeatedNgrams`


class RepeatedNgrams:
    """Forbids an n-gram to occur twice in a hypothesis.

        m_p = how many tokens before p equal those before now, one by one
        m'_{p+1} = m_p + 1 where y_p is the new token, else 0
        forbidden: y_p where m_p >= n - 1

    so that one pass over the tokens serves any n, also a tensor.

    Args:
        n: tokens of an n-gram; 0 switches the rule off, and its state is then
            empty (with a Python 0: no state at all).
    """

    def __init__(self, n: Number):
        self.n = n
        self.is_off = is_zero(n)

    def begin(self, rows: Number) -> NgramState | tuple[()]:
        """Returns the state of rows that have no tokens yet."""
        if self.is_off:
            return ()
        empty = tf.zeros([rows, 0], tf.int32)
        return NgramState(empty, tf.zeros([rows, 0], tf.int32))

    def forbidden(self, state: NgramState) -> tf.Tensor | None:
        """Returns the tokens that would end a known n-gram, `(rows, steps)`."""
        if self.is_off:
            return None
        return tf.where(state.matches >= self.n - 1, state.tokens, PAD)

    def extend(
        self,
        state: NgramState,
        tokens: tf.Tensor,
        parents: tf.Tensor | None = None,
    ) -> NgramState | tuple[()]:
        """Returns the state after one more token, `(rows,)`.

        Args:
            state: before.
            tokens: `(rows,)`.
            parents: `(rows,)`, the row that each row continues; None for the
                row itself.
        """
        if self.is_off:
            return ()
        before, matches = state
        if parents is not None:
            before = tf.gather(before, parents)
            matches = tf.gather(matches, parents)
        new = tokens[:, tf.newaxis][:, : tf.minimum(self.n, 1)]
        matches = tf.where(before == tokens[:, tf.newaxis], matches + 1, 0)
        return NgramState(
            tf.concat([before, new], 1),
            tf.concat([tf.zeros_like(new), matches], 1),
        )
