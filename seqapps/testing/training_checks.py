"""Checks of data and training."""

import json
from typing import Any

from seqapps.task import Data
from seqapps.testing import children
from seqapps.testing.comparison import difference
from seqapps.testing.trial import ContractError, Trial, demand


def loads_data(trial: Trial) -> None:
    """`load_data` returns batches for each split, and a codec that is saved."""
    import keras
    import tensorflow as tf

    data = trial.loaded
    demand(isinstance(data, Data), "`load_data` must return a `seqapps.Data`")
    for name in ("train", "valid", "test"):
        batch = next(iter(getattr(data, name)), None)
        demand(batch is not None, f"`Data.{name}` has no batch: give it rows")
        demand(
            isinstance(batch, tuple) and len(batch) in (2, 3),
            f"a batch of `Data.{name}` must be (x, y) or (x, y, weights)",
        )
        sizes = {len(tensor) for tensor in tf.nest.flatten(batch)}
        demand(
            len(sizes) == 1,
            f"the parts of a batch of `Data.{name}` have {sorted(sizes)} rows: "
            "the first axis of each must be the batch",
        )
    demand(
        isinstance(data.codec, tf.Module),
        "the codec must be a `tf.Module`: its tables are exported with it",
    )
    codec = keras.saving.serialize_keras_object(data.codec)
    try:
        again = keras.saving.deserialize_keras_object(
            json.loads(json.dumps(codec))
        )
    except (TypeError, ValueError) as error:
        raise ContractError(
            "the codec cannot be saved as JSON and restored "
            f"({str(error)[:200]}): register its class with "
            "keras.saving.register_keras_serializable, and let `get_config` "
            "return plain values"
        ) from None
    text = difference(
        codec["config"], keras.saving.serialize_keras_object(again)["config"]
    )
    demand(
        not text,
        f"the codec changes when it is saved and restored{text}: let "
        "`from_config` restore all that `get_config` returns",
    )


def lowers_the_loss(trial: Trial) -> None:
    """A short fit lowers the training loss."""
    losses = trial.trained.state.log["loss"]
    demand(len(losses) > 1, "give `fit` at least two epochs")
    demand(
        losses[-1] < losses[0],
        f"a short fit does not lower the loss ({losses[0]:.4g} at first, "
        f"{losses[-1]:.4g} at last): look at the learning rate and the labels, "
        "or train for more epochs",
    )


def repeats_a_seed(trial: Trial) -> None:
    """Training with the same seed repeats itself in another process."""
    first, again = trial.trained.state.log, trial.cut.state.log
    length = len(next(iter(again.values()), []))
    text = difference(
        {name: values[:length] for name, values in first.items()}, again, 0.0
    )
    demand(
        not text,
        f"another process with the same seed trains otherwise: log.csv{text}. "
        "Take all randomness from Keras's seed or from `start(step, seed)`, "
        "and no order from sets or hash()",
    )


def resumes_as_unbroken(trial: Trial) -> None:
    """A run that was killed and resumed ends as one that was not."""
    unbroken, resumed = trial.trained.state, trial.resumed.state
    demand(
        unbroken.step == resumed.step,
        f"the resumed run ends after {resumed.step} steps, the unbroken one "
        f"after {unbroken.step}",
    )
    apart = _largest_gap(unbroken, resumed)
    demand(
        apart == 0,
        f"a resumed run ends otherwise than an unbroken one (variables differ "
        f"by {apart:.2g}): batch i must be a function of (seed, i), so give "
        "`Data.start`, or let `train` give the same order in each pass; and "
        "what changes in training must be a Keras variable of the model or of "
        "its optimizer, for only these are saved",
    )
    text = difference(unbroken.log, resumed.log, 0.0)
    demand(
        not text,
        f"a resumed run logs other numbers than an unbroken one{text}: let "
        "metrics keep their state in variables",
    )


def agrees_on_replicas(trial: Trial) -> None:
    """Training on several devices, or workers, ends as training on one."""
    one = trial.without_replicas.state
    for count, kind, train in (
        *((count, "replicas", trial.replicated) for count in trial.replicas),
        *((count, "workers", trial.of_workers) for count in trial.workers),
    ):
        try:
            apart = _largest_gap(one, train(count).state)
        except children.ChildError as error:
            raise ContractError(
                f"`fit` fails with {count} {kind}: {error}"
            ) from None
        demand(
            apart < 1e-4,
            f"{count} {kind} end otherwise than one device (variables differ "
            f"by {apart:.2g}): derive the model from "
            "seqapps.training.TrainStep, and switch dropout off by "
            "`without_noise`",
        )


def _largest_gap(one: Any, other: Any) -> float:
    """The largest difference between the variables of two states."""
    import numpy as np

    if [a.shape for a in one.arrays] != [a.shape for a in other.arrays]:
        return float("inf")
    gaps = [
        np.abs(a.astype("float64") - b).max(initial=0.0)
        for a, b in zip(one.arrays, other.arrays, strict=True)
    ]
    return float(max(gaps))
