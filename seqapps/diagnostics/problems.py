"""Two problems that only memory solves."""

import math

import numpy as np

SYMBOLS, LENGTH = 8, 10  # of the copy task
BLANK, RECALL = SYMBOLS, SYMBOLS + 1  # its two other symbols


def adding(rng: np.random.Generator, rows: int, lag: int) -> tuple:
    """Draws the adding problem: add two numbers among many.

    ```
    x_t = (value, marker)     value uniform in [0, 1); marker 0, but 1 twice:
                              once in each half of the sequence
    y = the sum of the two values that are marked
    ```

    Args:
        rng: the random generator.
        rows: how many sequences.
        lag: their length, at least 2; the first number must be kept for three
            quarters of it on average.

    Returns:
        x `(rows, lag, 2)` and y `(rows, 1)`, float32.

    Source:
        Hochreiter and Schmidhuber 1997, "Long short-term memory", experiment
        4; this form: Le, Jaitly and Hinton 2015, arXiv:1504.00941, section
        4.1, one marker in each half as in Arjovsky, Shah and Bengio 2016,
        arXiv:1511.06464, section 5.2.
    """
    values, markers = rng.random((rows, lag)), np.zeros((rows, lag))
    first = rng.integers(0, lag // 2, rows)
    second = rng.integers(lag // 2, lag, rows)
    row = np.arange(rows)
    markers[row, first] = markers[row, second] = 1
    total = values[row, first] + values[row, second]  # (rows,)
    x = np.stack([values, markers], axis=-1)  # (rows, lag, 2)
    return x.astype("float32"), total[:, None].astype("float32")


def adding_baseline(lag: int) -> float:
    """Returns the mean squared error of always predicting 1.

    It is the variance of a sum of two uniform numbers, 2 / 12 = 0.167.
    """
    return 1 / 6


def copying(rng: np.random.Generator, rows: int, lag: int) -> tuple:
    """Draws the copy task: repeat ten symbols, much later.

    ```
    x    s_1 ... s_10   8 8 8 ... 8   9   8 8 8 8 8 8 8 8 8 8
    y    8 8 8 8 8 8 8 8 8 ... 8 8 8  8   s_1 ... s_10
         10 steps       lag - 1       1   10 steps
    ```
    with s_1 ... s_10 of 0 ... 7; 8 is a blank, 9 asks for the symbols.

    Args:
        rng: the random generator.
        rows: how many sequences.
        lag: T, at least 1; between a symbol and its repetition lie T + 10
            steps.

    Returns:
        x and y `(rows, lag + 20)`, int32.

    Source:
        Hochreiter and Schmidhuber 1997, "Long short-term memory"; this form:
        Arjovsky, Shah and Bengio 2016, "Unitary evolution recurrent neural
        networks", arXiv:1511.06464, section 5.1.
    """
    symbols = rng.integers(0, SYMBOLS, (rows, LENGTH))
    x = np.full((rows, lag + 2 * LENGTH), BLANK)
    y = x.copy()
    x[:, :LENGTH] = y[:, -LENGTH:] = symbols
    x[:, LENGTH + lag - 1] = RECALL
    return x.astype("int32"), y.astype("int32")


def copying_baseline(lag: int) -> float:
    """Returns the mean cross-entropy, in nats, without any memory.

    Blanks are predicted where they are due, and one of 8 symbols is guessed at
    the last ten steps: 10 ln 8 / (lag + 20).
    """
    return LENGTH * math.log(SYMBOLS) / (lag + 2 * LENGTH)
