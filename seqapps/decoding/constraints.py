"""Which tokens may come next, and the likeliest of them."""

import tensorflow as tf

from seqapps.decoding.scores import is_zero
from seqapps.export.calls import demand
from seqapps.text import END, PAD

_NEVER = -float("inf")
# a row of logits is searched by blocks of so many
_BLOCK = 32
# below so many tokens blocks gain nothing
_SMALL = 1024


def never(banned, rows):
    """Where what no row may take, and END, lie in `(rows, vocabulary)`.

    Args:
        banned: `(vocabulary,)`, True for what no row may take; None for PAD
            alone.
        rows: how many.

    Returns:
        `(rows, tokens, 2)` places, END's first; those of a banned END or PAD
        come twice.
    """
    tokens = tf.constant([END, PAD])
    if banned is not None:
        more = tf.where(banned)[:, 0]
        tokens = tf.concat([tokens, tf.cast(more, tf.int32)], 0)
    return _places(tokens, [rows, tf.size(tokens)])


def _places(tokens, shape):
    """`(rows, tokens, 2)`, the places of tokens in `(rows, vocabulary)`."""
    rows = tf.broadcast_to(tf.range(shape[0])[:, tf.newaxis], shape)
    return tf.stack([rows, tf.broadcast_to(tokens, shape)], -1)


def candidates(logits, count, *, last, early, never, repeated):
    """The likeliest next tokens of every row that the rules allow.

    What is forbidden has the log-probability -inf; the rest is as the network
    says, and does not sum to 1. A row that may take nothing else takes END.

    Args:
        logits: `(rows, vocabulary)`.
        count: how many; all where the vocabulary has fewer.
        last: `(rows, 1)`, True where only END is allowed.
        early: whether it is too early for END; None for no.
        never: what no row may take, see `never`.
        repeated: `(rows, seen)`, tokens that the row may not take; None for
            no such rule.

    Returns:
        Log-probabilities, downwards, and their tokens, `(rows, count)` each.
    """
    log_p = tf.nn.log_softmax(logits)
    end = log_p[:, END : END + 1]
    # one logit that is no number makes the whole row so
    wrong = tf.reduce_any(tf.math.is_nan(end))
    demand(~wrong, "the network's logits are not numbers", "")
    ends = end if early is None else tf.where(early, _NEVER, end)
    # once END's column is read nobody holds `log_p`: it is changed in place
    with tf.control_dependencies([end]):
        allowed = tf.tensor_scatter_nd_min(
            log_p,
            never,
            tf.concat([ends, tf.fill(tf.shape(never[:, 1:, 0]), _NEVER)], 1),
        )
    if repeated is not None:
        shape = tf.shape(repeated)
        allowed = tf.cond(
            shape[1] > 0,
            lambda: tf.tensor_scatter_nd_update(
                allowed, _places(repeated, shape), tf.fill(shape, _NEVER)
            ),
            lambda: allowed,
        )
    values, tokens = largest(allowed, count)
    only = last | (values[:, :1] == _NEVER)
    first = tf.range(tf.shape(values)[1]) == 0
    values = tf.where(only, tf.where(first, end, _NEVER), values)
    return values, tf.where(only, END, tokens)


def largest(values, count):
    """`tf.math.top_k` of few in many: six times as fast on a processor.

    The largest `count` lie in the `count` blocks with the largest maxima, and
    to find these maxima is one vectorised pass.

    Args:
        values: `(rows, size)`.
        count: how many; all where there are fewer.

    Returns:
        The values, downwards, and their places, `(rows, count)` each; the
        place of a -inf may be any.
    """
    size = values.shape[-1]
    if size is not None and size < _SMALL:
        return tf.math.top_k(values, tf.minimum(count, size))
    rows, many = tf.unstack(tf.shape(values))
    if size is None or size % _BLOCK:
        values = tf.pad(
            values, [[0, 0], [0, -many % _BLOCK]], constant_values=_NEVER
        )
    blocks = tf.reshape(values, [rows, -1, _BLOCK])
    maxima = tf.reduce_max(blocks, -1)
    some = tf.minimum(count, tf.shape(maxima)[1])
    _, chosen = tf.math.top_k(maxima, some)
    searched = tf.gather(blocks, chosen, batch_dims=1)
    searched = tf.reshape(searched, [rows, some * _BLOCK])
    found, places = tf.math.top_k(searched, tf.minimum(count, many))
    block = tf.gather(chosen, places // _BLOCK, batch_dims=1)
    # padding, -inf, has no place
    places = tf.minimum(block * _BLOCK + places % _BLOCK, many - 1)
    return found, places


class Repeats:
    """No n-gram twice in a hypothesis.

        m_p = how many tokens before p are those before now, one by one
        m'_{p+1} = m_p + 1 where y_p is the new token, else 0
        forbidden: y_p where m_p >= n - 1

    so that one pass over the history serves any n, a tensor too. A search
    carries the state `(history, matches)`, `(rows, seen)` each.

    Args:
        n: tokens of an n-gram; 0 switches the rule off, and its state is then
            empty (a Python 0: no state at all).
    """

    def __init__(self, n):
        self.n = n
        self.off = is_zero(n)

    def begin(self, rows):
        """The state of rows that have no tokens yet."""
        if self.off:
            return ()
        return tf.zeros([rows, 0], tf.int32), tf.zeros([rows, 0], tf.int32)

    def forbidden(self, state):
        """`(rows, seen)`, the tokens that end an n-gram known already."""
        if self.off:
            return None
        history, matches = state
        return tf.where(matches >= self.n - 1, history, PAD)

    def extend(self, state, tokens, parents=None):
        """The state after one more token, `(rows,)`, of the rows `parents`."""
        if self.off:
            return ()
        history, matches = state
        if parents is not None:
            history = tf.gather(history, parents)
            matches = tf.gather(matches, parents)
        new = tokens[:, tf.newaxis][:, : tf.minimum(self.n, 1)]
        matches = tf.where(history == tokens[:, tf.newaxis], matches + 1, 0)
        return (
            tf.concat([history, new], 1),
            tf.concat([tf.zeros_like(new), matches], 1),
        )
