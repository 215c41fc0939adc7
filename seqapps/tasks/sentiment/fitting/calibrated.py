"""`fit`: pretrain, train, then calibrate the probabilities."""

import json
from pathlib import Path
from typing import Any

from seqapps import training
from seqapps.console.arguments import Count, Seed, Size, checked
from seqapps.task import Data


@checked
def fit(
    model: Any,
    data: Data,
    run: Path,
    *,
    epochs: Count = 10,
    steps_per_epoch: Size = 0,
    patience: Size = 2,
    seed: Seed = 0,
    save_every: Count = 200,
    best: str = "val_accuracy",
    pretrain: Size = 0,
) -> dict[str, list[float]]:
    """Trains as `training.fit` does, then calibrates by temperature scaling.

    The temperature is fitted on the validation texts with the best weights. It
    is stored in the codec, in memory and in the folder of the run.

    Args:
        model: a compiled and built `TextNetwork`.
        data: `seqapps.Data`.
        run: the folder of the run.
        epochs: train for at most this many.
        steps_per_epoch: batches from one validation to the next; 0 is one
            pass through the training data.
        patience: stop after this many epochs without a better one; 0 never
            stops early.
        seed: of the initial weights, the dropout and the order of the data.
        save_every: steps between two saved states.
        best: the number of the log by which an epoch is the best: a loss when
            it is lowest, anything else, such as val_accuracy, when highest.
        pretrain: epochs of pretraining as a language model on the texts of
            training and `--data.unlabelled`; 0 for none.

    Returns:
        The log: `{"loss": [...], "val_loss": [...], ...}`, one number an epoch.
    """
    import keras

    from seqapps.files import write_file

    if pretrain:
        _load_pretrained(model, data, run, pretrain, seed)
    log = training.fit(
        model,
        data,
        run,
        epochs=epochs,
        steps_per_epoch=steps_per_epoch,
        patience=patience,
        seed=seed,
        save_every=save_every,
        best=best,
    )
    model.load_weights(run / "best.weights.h5")
    calibrate(model, data)
    codec = keras.saving.serialize_keras_object(data.codec)
    write_file(run / "codec.json", json.dumps(codec))
    return log


def _load_pretrained(
    model: Any, data: Data, run: Path, epochs: int, seed: int
) -> None:
    """Loads the pretrained weights of a run, after making them if needed."""
    from seqapps.errors import InputError
    from seqapps.tasks.sentiment.fitting import pretraining

    if not model.recurrent:
        raise InputError("--fit.pretrain is for --model.kind recurrent")
    path = run / "pretrained.weights.h5"
    if not path.exists():
        examples = data.examples or {}
        unlabelled, _ = examples.get("unlabelled", ([], None))
        texts = examples["train"][0] + unlabelled
        print(f"{len(texts)} texts, as a language model")
        pretraining.pretrain(model, data.codec, texts, epochs, seed)
        draft = run / "draft.weights.h5"
        model.save_weights(draft)
        draft.replace(path)
    model.load_weights(path)


def calibrate(model: Any, data: Data) -> float:
    """Fits the codec's temperature on the validation texts; returns it."""
    import numpy as np

    from seqapps.tasks.sentiment.evaluation import calibration

    logits, labels = [], []
    for x, y in data.valid:
        logits.append(model.predict_on_batch(x))
        labels.append(y.numpy())
    temperature = calibration.fit_temperature(
        np.concatenate(logits), np.concatenate(labels)
    )
    data.codec.temperature = temperature
    return temperature
