"""How well a network knows classes, beside what is easily had."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from seqapps.console.arguments import checked
from seqapps.console.paths import Writes
from seqapps.errors import InputError

_AT_ONCE = 64
_WORST = 20  # mistakes on the page


@checked
def score(
    classifier,
    data,
    *,
    split: Literal["validation", "test"] = "test",
    baselines: bool = True,
    output: Annotated[
        Path | None,
        Writes(inside=("reliability.png", "confusion.png", "mistakes.html")),
    ] = None,
) -> dict[str, float]:
    """Measure a network on held-out texts, beside two linear baselines.

    Args:
        classifier: a `Classifier`, or a loaded saved model.
        data: what `load_data` gave.
        split: which texts: choose by "validation", report "test".
        baselines: also fit NB-SVM on pairs of words and a bag of words.
        output: a folder for reliability.png, confusion.png and mistakes.html,
            the texts where it was surest and wrong.

    Returns:
        Accuracy, macro F1, area under the ROC curve, expected calibration
        error and nats a text; the accuracy of the baselines.
    """
    from seqapps.tasks.sentiment.evaluation import calibration

    texts, labels = data.examples[split]
    names, chances = read(classifier, texts)
    if unknown := sorted(set(labels) - set(names)):
        raise InputError(
            f"the model knows {', '.join(names)}, and not {unknown[0]!r}"
        )
    classes = np.array([names.index(label) for label in labels])
    said = chances.argmax(-1)  # (texts,)
    sure, right = chances.max(-1), said == classes
    own = chances[np.arange(len(classes)), classes]
    counts = confusion(classes, said, len(names))
    results = {
        f"{split} texts": len(texts),
        "accuracy": float(np.mean(right)),
        "macro F1": macro_f1(counts),
        "area under the ROC curve": area(chances, classes),
        "expected calibration error": calibration.error(sure, right),
        "nats a text": float(-np.mean(np.log(np.maximum(own, 1e-12)))),
    }
    if output:
        _pictures(output, names, counts, sure, right)
        wrong = np.flatnonzero(~right)
        wrong = wrong[np.argsort(-sure[wrong])][:_WORST]
        _mistakes(output, classifier, [(texts[i], labels[i]) for i in wrong])
    if baselines:
        from seqapps.tasks.sentiment.evaluation import baselines as linear

        train, held = data.examples["train"], data.examples["validation"]
        for name, guessed in (
            ("NB-SVM of pairs", linear.best_nb_svm(train, held, texts)),
            ("bag of words", linear.bag(*train, texts)),
        ):
            pairs = zip(guessed, labels, strict=True)
            found = float(np.mean([a == b for a, b in pairs]))
            results[f"accuracy, {name}"] = found
    return results


def read(classifier, texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Names of the classes, and probabilities `(texts, classes)`."""
    from seqapps.console import terminal
    from seqapps.text import strings

    chances, names = [None] * len(texts), []
    for batch in terminal.track(strings.by_length(texts, _AT_ONCE), "reading"):
        said = classifier.classify([texts[j] for j in batch])
        names = said["labels"]
        for j, row in zip(batch, said["probabilities"], strict=True):
            chances[j] = row
    return names, np.array(chances)


def confusion(classes: np.ndarray, said: np.ndarray, count: int) -> np.ndarray:
    """How often each class (row) was called each (column)."""
    counts = np.zeros((count, count), int)
    np.add.at(counts, (classes, said), 1)
    return counts


def macro_f1(counts: np.ndarray) -> float:
    """The mean over the classes of 2 hits / (2 hits + misses + alarms)."""
    hits = np.diag(counts)
    total = counts.sum(0) + counts.sum(1)
    return float(np.mean(2 * hits / np.maximum(total, 1)))


def area(chances: np.ndarray, classes: np.ndarray) -> float:
    """The area under the ROC curve, a mean over the classes.

        P(a text of the class has a higher probability of it than another)

    with a half for a tie: the rank-sum statistic, over what it can be at most.
    A class without texts, or with all of them, does not count.

    Args:
        chances: `(texts, classes)`.
        classes: `(texts,)`.
    """
    areas = []
    for k in range(chances.shape[1]):
        is_k = classes == k
        hits, rest = is_k.sum(), (~is_k).sum()
        if not hits or not rest:
            continue
        _, place, often = np.unique(
            chances[:, k], return_inverse=True, return_counts=True
        )
        ranks = (np.cumsum(often) - (often - 1) / 2)[place]
        above = ranks[is_k].sum() - hits * (hits + 1) / 2
        areas.append(above / (hits * rest))
    return float(np.mean(areas)) if areas else float("nan")


def _pictures(folder: Path, names, counts, sure, right) -> None:
    from seqapps.files import write
    from seqapps.tasks.sentiment.rendering import pictures

    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "reliability.png", pictures.reliability(sure, right))
    write(folder / "confusion.png", pictures.confusion(counts, names))


def _mistakes(folder: Path, classifier, pairs: list) -> None:
    from dataclasses import replace

    from seqapps.tasks.sentiment.rendering import page

    found = page.reasons(classifier, [text for text, _ in pairs])
    found = [
        replace(reason, truth=label)
        for reason, (_, label) in zip(found, pairs, strict=True)
    ]
    page.write(folder / "mistakes.html", found, "Surest, and wrong")
    print(
        f"{folder}: reliability.png, confusion.png, mistakes.html",
        file=sys.stderr,
    )
