"""Whether a shape has been met so often that it is worth compiling."""

from collections.abc import Callable

import tensorflow as tf

_PLACES = 512
_LIMIT = 2.0  # seconds: about what compiling takes
_OVERHEAD = 1e-4  # seconds of one step of the loop, however small
_RATE = 1e11  # multiplications and additions a second


class Worth(tf.Module):
    """How long the loop has taken for each shape, as far as is estimated.

    XLA compiles anew for every batch size and length. The loop over time is
    slower but takes any shape, so a layer compiles a shape once the loop has
    taken as long for it as compiling would: then, whatever comes, no more
    than twice the time of the better choice is spent.

    Shapes share a place now and then, and are compiled a little earlier.
    """

    def __init__(self):
        super().__init__()
        self.spent = tf.Variable(  # seconds
            tf.zeros([_PLACES]),
            trainable=False,
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
            name="spent",
        )

    def choose(self, compiling, fast: Callable, slow: Callable, wanted: bool):
        """The fast walk where it is to be compiled, else the loop.

        Args:
            compiling: what the method of this name said.
            fast: a walk; it returns the last output, all outputs, the states.
            slow: the other.
            wanted: whether all outputs are.
        """

        def flat(walk):
            def call():
                last, outputs, states = walk()
                return [last, *([outputs] if wanted else []), *states]

            return call

        last, *rest = tf.cond(compiling, flat(fast), flat(slow))
        return last, rest.pop(0) if wanted else None, rest

    def compiling(self, sequences, weights: int, training: bool):
        """Counts a walk, and says whether it is to be compiled.

        Args:
            sequences: `(batch, time, features)`.
            weights: how many numbers the cell multiplies by.
            training: whether the loop is walked back, too.

        Returns:
            A bool tensor `()`.
        """
        batch, time = tf.unstack(tf.shape(sequences)[:2])
        place = tf.math.floormod(batch * 8191 + time, _PLACES)
        work = (6.0 if training else 2.0) * weights / _RATE
        seconds = tf.cast(time, tf.float32) * (
            _OVERHEAD + tf.cast(batch, tf.float32) * work
        )
        spent = self.spent.assign_add(tf.one_hot(place, _PLACES) * seconds)
        return tf.gather(tf.convert_to_tensor(spent), place) > _LIMIT
