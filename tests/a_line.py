"""A task so small that a test can train it: a line through numbers.

As a program it is its command line, which dies where it is told:
`python a_line.py WHERE COUNT train ...`.
"""

import io
import os
import signal
import sys
from pathlib import Path

import numpy as np

from seqapps.console.arguments import Count, Share, checked
from seqapps.task import Data, Task


@checked
def load_data(*, path: Path | None = None, batch_size: Count = 2):
    """Rows of numbers, of a file with one a line, and their doubles."""
    import tensorflow as tf

    rows = [float(x) for x in Path(path).read_text().split()]
    y = [2 * x for x in rows]
    batches = tf.data.Dataset.from_tensor_slices(
        (tf.constant(rows)[:, None], tf.constant(y)[:, None])
    ).batch(batch_size)
    return Data(batches, batches, batches, Codec(), {"train": (rows, y)})


@checked
def build_model(
    codec, *, units: Count = 3, dropout: Share = 0.0, metric: bool = False
):
    """A line."""
    import keras

    inputs = keras.Input((1,))
    hidden = keras.layers.Dense(units)(inputs)
    hidden = keras.layers.Dropout(dropout)(hidden)
    model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
    metrics = ["mae", keras.metrics.RootMeanSquaredError()] if metric else None
    model.compile("sgd", "mse", metrics=metrics, jit_compile=False)
    return model


class Codec:
    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls()


def command(predictor, *, loud: bool = False):
    """Do nothing."""


def task(name="toy"):
    return Task(name, load_data, build_model, None, command, command)


def die(where, count):
    """Kills this process the `count`-th time that it comes to a place."""
    from seqapps import files
    from seqapps.training import state
    from seqapps.training.checkpoints import Checkpoints
    from seqapps.training.log_files import LogFiles

    left = [count]

    def comes():
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(owner, name):
        method = getattr(owner, name)

        def stopped(*args, **kwargs):
            comes()
            return method(*args, **kwargs)

        setattr(owner, name, stopped)

    def half_written(file, **arrays):
        whole = io.BytesIO()
        savez(whole, **arrays)
        file.write(whole.getvalue()[: len(whole.getvalue()) // 2])
        file.flush()
        comes()
        file.seek(0)
        savez(file, **arrays)

    savez = np.savez
    if where == "step":
        before(Checkpoints, "on_train_batch_end")
    elif where == "validation":
        before(Checkpoints, "on_test_batch_end")
    elif where == "best":
        before(Checkpoints, "_save_best")
    elif where == "log":
        before(LogFiles, "write")
    elif where == "state":
        before(state, "write_state")
    elif where == "writing":
        np.savez = half_written
    elif where == "renaming":
        replace = files.replace_file

        def replacing(draft, path):
            if path.name == state.NEWEST:
                comes()
            replace(draft, path)

        files.replace_file = replacing


def main(where, count, *words):
    from seqapps import cli

    die(where, int(count))
    sys.argv[1:] = words
    cli.main(task())


if __name__ == "__main__":
    main(*sys.argv[1:])
