"""Measures of a classifier on held-out texts, beside linear baselines."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np

from seqapps.console.arguments import checked
from seqapps.console.paths import Writes
from seqapps.errors import InputError
from seqapps.task import Data

_MAX_MISTAKES = 20  # on the page


@checked
def score(
    classifier: Any,
    data: Data,
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
        data: of `load_data`.
        split: which texts: choose by "validation", report "test".
        baselines: also fit NB-SVM on word bigrams and a bag of words.
        output: a folder for reliability.png, confusion.png and mistakes.html,
            the wrong predictions of the highest confidence.

    Returns:
        Accuracy, macro F1, area under the ROC curve, expected calibration
        error and nats per text; the accuracy of the baselines. For ordered
        classes also the mean absolute error, in classes, of all three.
    """
    from seqapps.tasks.sentiment.evaluation import calibration, predictions

    examples = data.examples or {}
    texts, labels = examples[split]
    names, probabilities = predictions.predict_probabilities(classifier, texts)
    if unknown := sorted(set(labels) - set(names)):
        raise InputError(
            f"the model knows {', '.join(names)}, and not {unknown[0]!r}"
        )
    classes = np.array([names.index(label) for label in labels])
    predicted = probabilities.argmax(-1)  # (texts,)
    confidence, correct = probabilities.max(-1), predicted == classes
    likelihood = probabilities[np.arange(len(classes)), classes]
    counts = confusion_matrix(classes, predicted, len(names))
    results = {
        f"{split} texts": len(texts),
        "accuracy": float(np.mean(correct)),
        "macro F1": macro_f1(counts),
        "area under the ROC curve": roc_auc(probabilities, classes),
        "expected calibration error": calibration.expected_calibration_error(
            confidence, correct
        ),
        "nats a text": float(-np.mean(np.log(np.maximum(likelihood, 1e-12)))),
    }
    ordered = "expected" in classifier.classify(texts[:1])
    if ordered:
        error = float(np.mean(np.abs(predicted - classes)))
        results["mean absolute error"] = error
    if output:
        _write_charts(output, names, counts, confidence, correct)
        wrong = np.flatnonzero(~correct)
        wrong = wrong[np.argsort(-confidence[wrong])][:_MAX_MISTAKES]
        mistakes = [(texts[i], labels[i]) for i in wrong]
        _write_mistakes(output, classifier, mistakes)
    if baselines:
        from seqapps.tasks.sentiment.evaluation import baselines as linear

        train, validation = examples["train"], examples["validation"]
        for name, guesses in (
            ("NB-SVM of pairs", linear.best_nb_svm(train, validation, texts)),
            ("bag of words", linear.bag_of_words(train[0], train[1], texts)),
        ):
            pairs = zip(guesses, labels, strict=True)
            accuracy = float(np.mean([a == b for a, b in pairs]))
            results[f"accuracy, {name}"] = accuracy
            if ordered:
                guessed = np.array([names.index(guess) for guess in guesses])
                error = float(np.mean(np.abs(guessed - classes)))
                results[f"mean absolute error, {name}"] = error
    return results


def confusion_matrix(
    classes: np.ndarray, predicted: np.ndarray, count: int
) -> np.ndarray:
    """Counts of each right class (row) and predicted class (column)."""
    counts = np.zeros((count, count), int)
    np.add.at(counts, (classes, predicted), 1)
    return counts


def macro_f1(counts: np.ndarray) -> float:
    """The mean over classes of 2 TP / (2 TP + FN + FP).

    Args:
        counts: a confusion matrix.
    """
    hits = np.diag(counts)
    total = counts.sum(0) + counts.sum(1)
    return float(np.mean(2 * hits / np.maximum(total, 1)))


def roc_auc(probabilities: np.ndarray, classes: np.ndarray) -> float:
    """The area under the ROC curve of each class against the rest, averaged.

        P(a text of the class has a higher probability of it than another)

    with a half for a tie: the rank-sum statistic divided by its maximum. A
    class with no texts, or with all of them, is left out.

    Args:
        probabilities: `(texts, classes)`.
        classes: `(texts,)`, the right ones.
    """
    areas = []
    for k in range(probabilities.shape[1]):
        is_k = classes == k
        positives, negatives = is_k.sum(), (~is_k).sum()
        if not positives or not negatives:
            continue
        _, index, ties = np.unique(
            probabilities[:, k], return_inverse=True, return_counts=True
        )
        ranks = (np.cumsum(ties) - (ties - 1) / 2)[index]
        rank_sum = ranks[is_k].sum() - positives * (positives + 1) / 2
        areas.append(rank_sum / (positives * negatives))
    return float(np.mean(areas)) if areas else float("nan")


def _write_charts(
    folder: Path,
    labels: list[str],
    counts: np.ndarray,
    confidence: np.ndarray,
    correct: np.ndarray,
) -> None:
    from seqapps.files import write_file
    from seqapps.tasks.sentiment.rendering import charts

    folder.mkdir(parents=True, exist_ok=True)
    reliability = charts.reliability_diagram(confidence, correct)
    write_file(folder / "reliability.png", reliability)
    write_file(
        folder / "confusion.png", charts.confusion_matrix(counts, labels)
    )


def _write_mistakes(
    folder: Path, classifier: Any, mistakes: list[tuple[str, str]]
) -> None:
    """Writes a page of texts, each with its right label."""
    from seqapps.tasks.sentiment.rendering import page

    explanations = page.explain(classifier, [text for text, _ in mistakes])
    explanations = [
        replace(explanation, truth=label)
        for explanation, (_, label) in zip(explanations, mistakes, strict=True)
    ]
    page.write_page(folder / "mistakes.html", explanations, "Surest, and wrong")
    print(
        f"{folder}: reliability.png, confusion.png, mistakes.html",
        file=sys.stderr,
    )
