"""A task is a name and a few functions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seqapps import training


@dataclass(frozen=True)
class Data:
    """What `load_data` returns: batches for Keras, and how to read them.

    Args:
        train: one epoch of training batches `(x, y[, weights])`, a
            `tf.data.Dataset`.
        valid: validation batches.
        test: test batches.
        codec: turns the user's values into tensors and back. It is saved with
            the model, so its class is registered with
            `keras.saving.register_keras_serializable`.
        examples: the user's own values (texts, labels) by split name, for
            `Task.score`.
        start: `start(step, seed)`, the endless training stream from a global
            step on. With it `--resume` jumps to any step; without it the
            steps done are read once more.
    """

    train: Any
    valid: Any
    test: Any
    codec: Any
    examples: dict[str, Any] | None = None
    start: Callable[[int, int], Any] | None = None


@dataclass(frozen=True)
class Task:
    """An application: what the command line and the contract tests take.

    Keyword-only parameters of each function are its flags and its table of
    the recipe, with the signature's defaults and the docstring's help.

    Args:
        name: "music": the recipe, the folder of runs and of saved models.
        load_data: `(**[data]) -> Data`.
        build_model: `(codec, **[model]) ->` a compiled `keras.Model`.
        predictor: `(model, codec) ->` an object with plain methods for the
            user, and `functions`, the same methods as graph functions, which
            `seqapps.save` exports.
        score: `(predictor, data, **[evaluate]) -> {"name": number}`.
        command: the verb; `(predictor, **[its name])`, whose parameters are
            the verb's flags.
        fit: `(model, data, run, **[fit])`; trains within a run's folder, and
            goes on where that folder stands.
    """

    name: str
    load_data: Callable
    build_model: Callable
    predictor: Callable
    score: Callable
    command: Callable
    fit: Callable = training.fit
