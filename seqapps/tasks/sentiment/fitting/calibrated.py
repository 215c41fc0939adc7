"""`fit`: pretrain, train, then calibrate the probabilities."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqapps import devices, text, training
from seqapps.console.arguments import Count, Size, checked
from seqapps.task import Data
from seqapps.training.options import FitOptions


@dataclass(frozen=True, kw_only=True)
class CalibratedFitOptions(FitOptions):
    """How a classifier is trained; the table `[fit]` of a recipe.

    Args:
        pretrain: epochs of pretraining as a language model on the texts of
            training, of the teacher and of `--data.unlabelled`; 0 for none.
        vectors: begin with the word vectors of this file, as large as
            `--model.embedding`: a word and its numbers a line, as GloVe,
            fastText and word2vec write them; it may end in .gz.
    """

    epochs: Count = 10
    patience: Size = 2
    save_every: Count = 200
    best: str = "val_accuracy"
    pretrain: Size = 0
    vectors: Path | None = None


@checked
def fit(
    model: Any,
    data: Data,
    run: Path,
    *,
    options: CalibratedFitOptions = CalibratedFitOptions(),  # noqa: B008
) -> dict[str, list[float]]:
    """Trains as `training.fit` does, then calibrates by temperature scaling.

    The temperature is fitted on the validation texts with the best weights. It
    is stored in the codec, in memory and in the folder of the run.

    Args:
        model: a compiled and built `TextNetwork`.
        data: `seqapps.Data`.
        run: the folder of the run.
        options: the settings; or each of them as an argument of its own.

    Returns:
        The log: `{"loss": [...], "val_loss": [...], ...}`, one number an epoch.
    """
    from seqapps.training.precision import in_float32
    from seqapps.training.restoring import load_best
    from seqapps.training.runs import write_codec

    if options.vectors:
        _load_vectors(model, data.codec, options.vectors)
    if options.pretrain:
        _load_pretrained(model, data, run, options.pretrain, options.seed)
    log = training.fit(model, data, run, options=options)
    model = in_float32(model)
    load_best(model, run)
    calibrate(model, data)
    if devices.Workers(model.distribute_strategy).is_chief:
        write_codec(run, data.codec)
    return log


def _load_vectors(model: Any, codec: Any, path: Path) -> None:
    """Begins with the word vectors of a file."""
    from seqapps.tasks.sentiment.importers import word_vectors

    ids = {word: i for i, word in enumerate(codec.words, text.UNKNOWN + 1)}
    embeddings = model.embed.embeddings
    rows, vectors = word_vectors.read_word_vectors(
        path, ids, embeddings.shape[-1]
    )
    values = embeddings.numpy()
    values[rows] = vectors
    embeddings.assign(values)
    print(f"{path} has {len(rows)} of {len(ids)} words", file=sys.stderr)


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
        if devices.Workers(model.distribute_strategy).count > 1:
            raise InputError(
                "--fit.pretrain goes with one worker: begin the run on one, "
                "and resume it on several with --force"
            )
        examples = data.examples or {}
        names = [n for n in ("train", "soft", "unlabelled") if n in examples]
        texts = [text for name in names for text in examples[name][0]]
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

    logits, targets = [], []
    for x, y in data.valid:
        # replicas each predict the whole batch, one after the other
        logits.append(model.predict_on_batch(x)[: len(y)])
        targets.append(y.numpy())
    temperature = calibration.fit_temperature(
        np.concatenate(logits), np.concatenate(targets)
    )
    data.codec.temperature = temperature
    return temperature
