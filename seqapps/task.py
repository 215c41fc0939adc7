"""A task is a name and a few functions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seqapps.training import fitting


@dataclass(frozen=True)
class Data:
    """What `load_data` returns: batches for Keras, and their codec.

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
            batches of the steps done are read again.
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

    The keyword-only parameters of each function are its flags and the keys of
    its table in the recipe, with the signature's defaults and the docstring's
    help; so are the fields of a parameter annotated with a class of
    `seqapps.console.arguments.Options`, if the function is `checked`.

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
        fit: `(model, data, run, **[fit])`; trains in a run's folder, and
            resumes what stands there.
    """

    name: str
    load_data: Callable[..., Any]
    build_model: Callable[..., Any]
    predictor: Callable[..., Any]
    score: Callable[..., Any]
    command: Callable[..., Any]
    fit: Callable[..., Any] = fitting.fit
