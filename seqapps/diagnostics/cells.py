"""The cells that the pictures compare."""

from collections.abc import Callable

import keras

from seqapps.layers import Cell, make_cell


def irnn(units: int, **arguments) -> Cell:
    """Returns a ReLU cell whose state is initially kept.

    Source:
        Le, Jaitly and Hinton 2015, arXiv:1504.00941, section 3: U is
        initialised to the identity, W to normal numbers of deviation 0.001.
    """
    small = keras.initializers.RandomNormal(stddev=0.001)
    return make_cell("irnn", units, kernel_initializer=small, **arguments)


def chrono(lag: int) -> Callable:
    """Returns an initializer of an LSTM's bias, to remember `lag` steps.

    ```
    b_f = log(u)      u uniform in [1, lag - 1), one for every unit
    b_i = -b_f        the blocks g and o are 0
    ```
    A unit whose f stays at sigmoid(log(u)) forgets a share of 1 / (1 + u) at
    every step.

    Source:
        Tallec and Ollivier 2018, "Can recurrent neural networks warp time?",
        arXiv:1804.11188, section 2.
    """

    def initialize(shape, dtype=None):
        units = shape[-1] // 4
        u = keras.random.uniform((units,), 1, max(2, lag - 1), dtype)
        f = keras.ops.log(u)  # (units,)
        zeros = keras.ops.zeros((2 * units,), dtype)
        return keras.ops.concatenate([-f, f, zeros])  # i, f, g, o

    return initialize
