"""`fit`: train, then learn how words are written and what is good."""

from pathlib import Path
from typing import Any

from seqapps import devices, training
from seqapps.console.arguments import checked
from seqapps.task import Data
from seqapps.training.options import FitOptions

_SEARCH = {
    "beam": 5,
    "nbest": 1,
    "length_penalty": 1.0,
    "coverage_penalty": 0.0,
    "no_repeat": 0,
    "minimum": 0,
}


@checked
def fit(
    model: Any,
    data: Data,
    run: Path,
    *,
    options: FitOptions = FitOptions(),  # noqa: B008 (frozen)
) -> dict[str, list[float]]:
    """Trains as `training.fit` does, then completes a codec of sentences.

    The words of the sources, and the estimate of the quality, which is fitted
    on pairs that were held out, are stored in the codec, in memory and in the
    folder of the run.

    Args:
        model: a compiled and built `TranslationNetwork`.
        data: `seqapps.Data`.
        run: the folder of the run.
        options: the settings; or each of them as an argument of its own.

    Returns:
        The log: `{"loss": [...], "val_loss": [...], ...}`, one number an epoch.
    """
    from seqapps.training.precision import in_float32
    from seqapps.training.restoring import load_best
    from seqapps.training.runs import write_codec

    log = training.fit(model, data, run, options=options)
    if data.codec.sentences:
        model = in_float32(model)
        load_best(model, run)
        complete(model, data.codec, data.examples, options.seed)
        if devices.Workers(model.distribute_strategy).is_chief:
            write_codec(run, data.codec)
    return log


def complete(
    model: Any, codec: Any, examples: dict[str, Any], seed: int = 0
) -> None:
    """Sets the codec's words and names, and its estimate of the quality.

    Args:
        model: trained on the examples.
        codec: of the model.
        examples: sources and targets by split. Those that are no training and
            no test pairs are held out, and all of a split are of one kind;
            every other pair of a foreign kind is left for measuring.
        seed: of the choice of pairs.
    """
    from seqapps.tasks.translation.codec.casing import count_words, find_names
    from seqapps.tasks.translation.codec.quality import Quality
    from seqapps.tasks.translation.fitting.estimate import fit_quality
    from seqapps.tasks.translation.searching import observe

    sources, targets = examples["train"]
    pairs = zip(sources, targets, strict=True)
    codec.set_words(count_words(sources), find_names(pairs))
    kinds = {"validation": list(zip(*examples["validation"], strict=True))}
    for name in examples:
        if name not in ("train", "validation", "test"):
            kinds[name] = list(zip(*examples[name], strict=True))[::2]
    codec.quality = None
    observed = observe(model, codec, **_SEARCH)
    settings = fit_quality(observed, kinds, codec.most_words, seed)
    codec.quality = Quality(**settings)
