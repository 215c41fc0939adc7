"""Labels the unlabelled reviews by three classifiers together.

    python examples/teacher/reviews.py --data runs/teacher

A logistic regression whose weights are chosen on the validation reviews mixes
the log-odds of

- naive Bayes features, n-grams of up to three words (Wang and Manning 2012),
- a reader of reviews (`--reader`): a run of `tasks/sentiment-unlabelled.toml`,
  or an earlier one of `tasks/sentiment-reviews.toml`,
- the teacher, the mean of the logits of its sentences (train.py).

Writes reviews.npz, the probability that each is positive.
"""

import argparse
import gzip
import json
from pathlib import Path

import numpy as np
import tokens
from scipy.sparse import diags
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from seqapps.tasks.sentiment import teacher

_SPLITS = ("train", "validation", "unlabelled")


def main(arguments: argparse.Namespace) -> None:
    """Reads, mixes, writes."""
    folder = arguments.data
    texts: dict[str, list[str]] = {name: [] for name in _SPLITS}
    labels: dict[str, list[bool]] = {name: [] for name in _SPLITS}
    numbers: dict[str, list[int]] = {name: [] for name in _SPLITS}
    with gzip.open(folder / "texts.jsonl.gz", "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            row = json.loads(line)
            if row["source"] in _SPLITS:
                texts[row["source"]].append(row["text"])
                labels[row["source"]].append(row["p"] > 0.5)
                numbers[row["source"]].append(number)
    right = np.array(labels["validation"])
    features = [
        _naive_bayes(texts, np.array(labels["train"])),
        _reader(texts, arguments.reader),
        _sentences(folder, numbers),
    ]
    mixed = {
        name: np.stack([f[name] for f in features], 1)
        for name in ("validation", "unlabelled")
    }
    scale = mixed["validation"].std(0)
    mixture = LogisticRegression()
    score = cross_val_score(
        mixture, mixed["validation"] / scale, right, cv=20
    ).mean()
    for name, column in zip(
        ("naive Bayes", "reader", "sentences"),
        mixed["validation"].T,
        strict=True,
    ):
        print(f"{name}: {((column > 0) == right).mean():.4f}")
    print(f"together: {score:.4f} of the validation reviews")
    mixture.fit(mixed["validation"] / scale, right)
    p = mixture.predict_proba(mixed["unlabelled"] / scale)[:, 1]
    np.savez(folder / "reviews.npz", unlabelled=p.astype(np.float32))


def _naive_bayes(
    texts: dict[str, list[str]], positive: np.ndarray
) -> dict[str, np.ndarray]:
    """Log-odds of a logistic regression over log-count ratios."""
    words = {
        name: [" ".join(tokens.words(text)) for text in some]
        for name, some in texts.items()
    }
    count = CountVectorizer(
        ngram_range=(1, 3),
        token_pattern=r"\S+",
        binary=True,
        min_df=3,
        lowercase=False,
        dtype=np.float32,
    )
    train = count.fit_transform(words["train"])
    p, q = (
        np.asarray(train[own].sum(0))[0] + 1 for own in (positive, ~positive)
    )
    ratio = diags(np.log(p / p.sum()) - np.log(q / q.sum()))
    model = LogisticRegression(C=0.05, solver="liblinear", dual=True)
    model.fit(train @ ratio, positive)
    return {
        name: model.decision_function(count.transform(words[name]) @ ratio)
        for name in ("validation", "unlabelled")
    }


def _reader(texts: dict[str, list[str]], model: Path) -> dict[str, np.ndarray]:
    """Log-odds of a trained classifier."""
    found = {}
    for name in ("validation", "unlabelled"):
        _, both = teacher.soft_texts(model, texts[name], ["neg", "pos"])
        p = np.clip(both[:, 1].astype(float), 1e-6, 1 - 1e-6)
        found[name] = np.log(p / (1 - p))
    return found


def _sentences(
    folder: Path, numbers: dict[str, list[int]]
) -> dict[str, np.ndarray]:
    """The mean logit of a review's sentences."""
    with np.load(folder / "ids.npz") as file:
        row = file["part_row"]
    with np.load(folder / "logits.npz") as file:
        logits = np.nan_to_num(file["parts"])
        known = np.isfinite(file["parts"])
    count = np.bincount(row, known)
    mean = np.bincount(row, logits) / np.maximum(count, 1)
    return {name: mean[own] for name, own in numbers.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--reader", type=Path, required=True)
    main(parser.parse_args())
